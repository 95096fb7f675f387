from cdk_sagemaker_processing.local.jobs.hosts import hosts


def test_two_jobs_never_share_an_address() -> None:
    """Each has a network of its own for as long as it runs."""
    with hosts(3) as left, hosts(100) as right:
        assert left.names == ("algo-1", "algo-2", "algo-3")
        assert len(right.names) == 100
        addresses = [*left.addresses.values(), *right.addresses.values()]
        assert len(set(addresses)) == 103


def test_the_hosts_file_names_all_instances() -> None:
    """`localhost` as everywhere, and every instance by its address."""
    with hosts(2) as known:
        first, second = known.addresses.values()
    assert known.file() == f"127.0.0.1\tlocalhost\n{first}\talgo-1\n{second}\talgo-2\n"
