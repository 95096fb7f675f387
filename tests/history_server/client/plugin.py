"""A session-manager-plugin that forwards a port of this machine, and checks what it is told."""

import stat
import sys
from pathlib import Path

# The order is the AWS CLI's: the session, the region, the operation, the profile, the request, the
# endpoint. Newer ones find the session in a variable.
_SCRIPT = """#!{python}
import asyncio, json, os, sys
from pathlib import Path

folder = Path({folder!r})
if sys.argv[1:] == ["--version"]:
    print({version!r})
    raise SystemExit
session, region, operation, profile, request, endpoint = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
session = json.loads(os.environ.get(session, session))
assert set(session) == {{"SessionId", "TokenValue", "StreamUrl"}}, session
assert region == "eu-west-1" and operation == "StartSession", sys.argv
assert endpoint == "https://ssm.eu-west-1.amazonaws.com", endpoint
request = json.loads(request)
assert request["DocumentName"] == "AWS-StartPortForwardingSession", request
assert request["Parameters"]["portNumber"] == ["18080"], request
(folder / "pid").write_text(str(os.getpid()))
lives = folder / "lives"
left = int(lives.read_text()) if lives.exists() else 99
lives.write_text(str(left - 1))
if left <= 0:
    raise SystemExit("Cannot perform start session: EOF")


async def pump(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def forward(reader, writer):
    there = await asyncio.open_connection("127.0.0.1", {port})
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))


async def main():
    local = int(request["Parameters"]["localPortNumber"][0])
    server = await asyncio.start_server(forward, "127.0.0.1", local)
    print("Waiting for connections...", flush=True)
    await server.serve_forever()


asyncio.run(main())
"""


def install(folder: Path, port: int, version: str = "1.2.707.0") -> Path:
    """Write a plugin that leads to a port; its folder belongs on the PATH."""
    folder.mkdir()
    program = folder / "session-manager-plugin"
    program.write_text(
        _SCRIPT.format(python=sys.executable, folder=str(folder), version=version, port=port)
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder
