"""The CDK in few words: where constructs stand, and which values are of its types."""
