"""A load balancer before a History Server that is always on, as the user asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from cdk_sagemaker_processing.cdk.argument_types import (
    wrong_construct,
    wrong_constructs,
    wrong_duration,
    wrong_flag,
)
from cdk_sagemaker_processing.errors import Problem

if TYPE_CHECKING:
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_cognito as cognito
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_s3 as s3

__all__ = ["HistoryCognito", "HistoryLoadBalancer", "HistoryOidc", "wrong_load_balancer"]

_OF_COGNITO = {
    "user_pool": (
        "a cognito.IUserPool",
        "user_pool_arn",
        "cognito.UserPool.from_user_pool_id(...)",
    ),
    "user_pool_client": (
        "a cognito.IUserPoolClient",
        "user_pool_client_id",
        "cognito.UserPoolClient.from_user_pool_client_id(...)",
    ),
    "user_pool_domain": (
        "a cognito.IUserPoolDomain",
        "domain_name",
        "cognito.UserPoolDomain.from_domain_name(...)",
    ),
}
_OIDC_URLS = ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOidc:
    """People log in at an OpenID Connect provider before they see a History Server.

    The provider must take ``https://<domain name>/oauth2/idpresponse`` as a
    redirect URI, and the load balancer must reach the token and user info
    endpoints: an internal one by a NAT gateway.

    Attributes:
        issuer: The provider's issuer identifier, a URL.
        authorization_endpoint: The URL where people log in.
        token_endpoint: The URL that gives tokens.
        user_info_endpoint: The URL that tells who somebody is.
        client_id: The OAuth 2.0 client's id.
        client_secret: Its secret, as ``cdk.SecretValue.secrets_manager(...)`` has it.
        scope: What the provider is asked for; ``openid`` by default.
        session_timeout: For how long somebody stays logged in; seven days, the
            load balancer's own, by default.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    client_secret: cdk.SecretValue
    scope: str | None = None
    session_timeout: cdk.Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryCognito:
    """People log in at an Amazon Cognito user pool before they see a History Server.

    The client must have a secret, the code grant, and
    ``https://<domain name>/oauth2/idpresponse`` as a callback URL.

    Attributes:
        user_pool: The user pool.
        user_pool_client: Its client for the load balancer.
        user_pool_domain: Its domain.
        scope: What is asked for; ``openid`` by default.
        session_timeout: For how long somebody stays logged in; seven days, the
            load balancer's own, by default.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
    """

    user_pool: cognito.IUserPool
    user_pool_client: cognito.IUserPoolClient
    user_pool_domain: cognito.IUserPoolDomain
    scope: str | None = None
    session_timeout: cdk.Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLoadBalancer:
    """An Application Load Balancer, HTTPS alone, before a History Server that is always on.

    It costs about 17 USD a month where nobody looks. Point a record of the
    domain name at ``SparkHistoryServer.load_balancer``.

    Attributes:
        certificate: The certificate for the domain name, in the stack's region.
        domain_name: The name under which people find the server, such as
            ``history.example.com``: Spark's links and redirects name it.
        authentication: How people log in: `HistoryOidc` or `HistoryCognito`;
            none by default, which only an internal load balancer may have.
        internet_facing: Whether it has public addresses; by default it is
            reached from the VPC, and the networks connected to it, alone.
        allowed: Who may connect; by default those in the VPC's address range
            for an internal load balancer, anybody for an internet-facing one.
        deletion_protection: Whether it refuses to be deleted until this is
            turned off; it does not by default.
        access_logs_bucket: Where requests are logged, in a stack whose region
            is known; nowhere by default.
    """

    certificate: acm.ICertificate
    domain_name: str
    authentication: HistoryOidc | HistoryCognito | None = None
    internet_facing: bool = False
    allowed: Sequence[ec2.IPeer] = ()
    deletion_protection: bool = False
    access_logs_bucket: s3.IBucket | None = None

    @property
    def url(self) -> str:
        """Where people find the server."""
        return f"https://{self.domain_name}"


def wrong_load_balancer(
    load_balancer: Any, stack: cdk.Stack, vpc: ec2.IVpc | None
) -> Iterator[Problem]:
    """What is wrong with a load balancer.

    Args:
        load_balancer: What the user gave.
        stack: The stack it will be in.
        vpc: The user's VPC, None for one of the server's own.
    """
    if not isinstance(load_balancer, HistoryLoadBalancer):
        yield Problem(
            f"load_balancer must be a processing.HistoryLoadBalancer, got {load_balancer!r}"
        )
        return
    yield from _wrong_kinds(load_balancer)
    yield from _wrong_name(load_balancer.domain_name)
    yield from _wrong_authentication(load_balancer)
    yield from _wrong_place(load_balancer, vpc)
    if load_balancer.access_logs_bucket and cdk.Token.is_unresolved(stack.region):
        yield Problem(
            "load_balancer.access_logs_bucket: which account writes these logs differs by region: "
            "give the stack one, env=cdk.Environment(region=...)"
        )


def _wrong_kinds(given: HistoryLoadBalancer) -> Iterator[Problem]:
    certificate: Any = given.certificate
    if certificate is None:
        yield Problem("load_balancer.certificate must be an acm.ICertificate, got None")
    yield from wrong_construct(
        "load_balancer.certificate",
        certificate,
        "an acm.ICertificate",
        "certificate_arn",
        f"acm.Certificate.from_certificate_arn(self, 'Certificate', {certificate!r})",
    )
    bucket: Any = given.access_logs_bucket
    yield from wrong_construct(
        "load_balancer.access_logs_bucket",
        bucket,
        "an s3.IBucket",
        "bucket_arn",
        f"s3.Bucket.from_bucket_name(self, 'AccessLogs', {bucket!r})",
    )
    yield from wrong_constructs(
        "load_balancer.allowed",
        given.allowed,
        "ec2.IPeer",
        "to_ingress_rule_config",
        "ec2.Peer.ipv4('...')",
    )
    for name in ("internet_facing", "deletion_protection"):
        yield from wrong_flag(f"load_balancer.{name}", getattr(given, name))


def _wrong_name(name: Any) -> Iterator[Problem]:
    if not isinstance(name, str) or not name or "/" in name or ":" in name.replace("${Token", ""):
        yield Problem(
            f"load_balancer.domain_name must be a name such as 'history.example.com', got {name!r}"
        )


def _wrong_authentication(given: HistoryLoadBalancer) -> Iterator[Problem]:
    chosen: Any = given.authentication
    if chosen is None:
        if given.internet_facing:
            yield Problem(
                "load_balancer: an internet-facing load balancer without authentication shows "
                "every job's code, settings and environment to anybody: give it "
                "authentication=processing.HistoryOidc(...) or processing.HistoryCognito(...), "
                "make it internal, internet_facing=False, or leave load_balancer out and open the "
                "server by a tunnel: sagemaker-processing history open"
            )
    elif isinstance(chosen, HistoryOidc | HistoryCognito):
        yield from wrong_duration(
            "load_balancer.authentication.session_timeout", chosen.session_timeout
        )
        yield from _wrong_oidc(chosen) if isinstance(chosen, HistoryOidc) else _wrong_pool(chosen)
    else:
        yield Problem(
            "load_balancer.authentication must be a processing.HistoryOidc or a "
            f"processing.HistoryCognito, got {chosen!r}"
        )


def _wrong_pool(chosen: HistoryCognito) -> Iterator[Problem]:
    for name, (kind, sign, write) in _OF_COGNITO.items():
        of = f"load_balancer.authentication.{name}"
        value = getattr(chosen, name)
        if value is None:
            yield Problem(f"{of} must be {kind}, got None")
        yield from wrong_construct(of, value, kind, sign, write)


def _wrong_oidc(chosen: HistoryOidc) -> Iterator[Problem]:
    for name in _OIDC_URLS:
        url = getattr(chosen, name)
        if not cdk.Token.is_unresolved(url) and not str(url).startswith("https://"):
            yield Problem(
                f"load_balancer.authentication.{name} must be an https:// URL, got {url!r}"
            )
    if not isinstance(chosen.client_secret, cdk.SecretValue):
        yield Problem(
            "load_balancer.authentication.client_secret must be a cdk.SecretValue, got a "
            f"{type(chosen.client_secret).__name__}, which the template would show to everybody: "
            "write cdk.SecretValue.secrets_manager('<the secret>')"
        )


def _wrong_place(given: HistoryLoadBalancer, vpc: Any) -> Iterator[Problem]:
    if vpc is None and not given.internet_facing:
        yield Problem(
            "load_balancer: an internal load balancer in a VPC of the server's own is reached by "
            "nobody: give vpc=, the one that people are connected to, or leave load_balancer out "
            "and open the server by a tunnel: sagemaker-processing history open"
        )
    if not hasattr(vpc, "select_subnets"):
        # There is none, or what came is told to be none.
        return
    if given.internet_facing and not vpc.public_subnets:
        yield Problem(
            f"load_balancer: the VPC {vpc.node.path!r} has no public subnet for an internet-facing "
            "load balancer: give another vpc, or make it internal, internet_facing=False"
        )
    if not (given.internet_facing or given.allowed or _has_range(vpc)):
        yield Problem(
            f"load_balancer: the address range of the VPC {vpc.node.path!r} is not known: say who "
            "may connect, allowed=[ec2.Peer.ipv4(...)]"
        )


def _has_range(vpc: ec2.IVpc) -> bool:
    try:
        return bool(vpc.vpc_cidr_block)
    except RuntimeError:
        return False
