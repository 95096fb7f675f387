"""What a role may do to have images pulled in its name."""

from collections.abc import Iterable

from cdk_sagemaker_processing.access.statement import Statement

__all__ = ["pull_statements"]


def pull_statements(repositories: Iterable[str]) -> list[Statement]:
    """Pulling any image of Amazon ECR repositories; nothing where there are none.

    Args:
        repositories: The repositories' ARNs.
    """
    arns = list(dict.fromkeys(repositories))
    if not arns:
        return []
    return [
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": arns,
        },
        {
            # It has no resource to name:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": ["ecr:GetAuthorizationToken"],
            "Resource": ["*"],
        },
    ]
