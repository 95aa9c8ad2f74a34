pytest_plugins = ["tests.servers.plugin", "tests.servers.postgres"]
