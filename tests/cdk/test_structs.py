"""The CDK's structs as keywords."""

from aws_cdk import aws_ec2 as ec2

from cdk_sagemaker_processing.cdk.structs import keywords_of


def test_a_struct_is_what_it_was_made_of() -> None:
    """No more and no less, so that a method's own defaults hold for the rest."""
    isolated = ec2.SubnetType.PRIVATE_ISOLATED

    assert keywords_of(ec2.SubnetSelection(subnet_type=isolated)) == {"subnet_type": isolated}
    assert keywords_of(ec2.SubnetSelection()) == {}
