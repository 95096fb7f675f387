"""The CDK in few words, and with few questions to it: each crosses into Node."""
