"""The sandbox's front door under load and under attack, from other processes over real connections; see scripts/bench."""
import multiprocessing, os, selectors, socket, statistics, subprocess, sys, time
from pathlib import Path

SECONDS = 10
CLIENTS = 100
# What the front door must reach.
CALLS_PER_SECOND = 2000
MEGABYTES = 60
PROCESSES = 2
DESCRIBES = [
    ("ec2", "DescribeVpcs", "2016-11-15", ""), ("ec2", "DescribeSecurityGroups", "2016-11-15", ""),
    ("ec2", "DescribeInstances", "2016-11-15", ""),
    ("elasticache", "DescribeReplicationGroups", "2015-02-02", ""), ("rds", "DescribeDBInstances", "2014-10-31", ""),
]


def serve(program, home):
    """Starts a sandbox without engines; returns the process and how to reach it."""
    child = subprocess.Popen([program, "sandbox", "serve", "--no-engines"], env=home.env, cwd=home.dir,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while home.run("sandbox", "status", check=False).returncode != 0:
        pass
    access = home.access()
    host, port = access["endpoint"].split("//")[1].split(":")
    return child, access, (host, int(port))


def signed(access, service, action, version, more):
    """One request as bytes, signed by botocore (not by us), and its parts."""
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    host = access["endpoint"].split("//")[1]
    body = f"Action={action}&Version={version}{more}"
    request = AWSRequest("POST", f"http://{host}/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": host})
    keys = Credentials(access["access_key_id"], access["secret_access_key"])
    signer = botocore.auth.SigV4Auth(keys, service, access["region"])
    signer.add_auth(request)
    return dict(request.headers), body


def wire(headers, body, method="POST", path="/"):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = body if isinstance(body, bytes) else body.encode()
    return f"{method} {path} HTTP/1.1\r\n{lines}Content-Length: {len(raw)}\r\n\r\n".encode("latin-1", "replace") + raw


def resident(pid, field="VmRSS"):
    """Megabytes."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


def spent(pid):
    """Seconds of processor time."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answer_end(data):
    """Where the first answer in `data` ends, or 0."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return 0
    at = data.lower().find(b"content-length: ", 0, head)
    length = int(data[at + 16:data.index(b"\r", at)]) if at >= 0 else 0
    return head + 4 + length if len(data) >= head + 4 + length else 0


def clients(address, requests, count, until, out):
    """A number of clients, each of which asks again as soon as it has its answer."""
    selector = selectors.DefaultSelector()
    times, good, bad = [], 0, 0
    for at in range(count):
        s = socket.create_connection(address)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        state = [at, time.perf_counter(), b""]
        selector.register(s, selectors.EVENT_READ, state)
        s.sendall(requests[at % len(requests)])
    while time.time() < until:
        for key, _ in selector.select(1):
            state, s = key.data, key.fileobj
            data = state[2] + s.recv(65536)
            end = answer_end(data)
            if not end:
                state[2] = data
                continue
            now = time.perf_counter()
            if data.startswith(b"HTTP/1.1 200"):
                good += 1
            else:
                bad += 1
            times.append(now - state[1])
            state[0] += count
            state[1], state[2] = now, data[end:]
            s.sendall(requests[state[0] % len(requests)])
    out.put((good, bad, times))


def storm(pid, address, requests, way):
    """100 clients at once for ten seconds; returns good calls a second, processor time of each, and how many failed."""
    out = multiprocessing.Queue()
    until, before = time.time() + SECONDS, spent(pid)
    workers = [multiprocessing.Process(target=clients, args=(address, requests, CLIENTS // PROCESSES, until, out))
               for _ in range(PROCESSES)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    results = [out.get() for _ in workers]
    took = time.perf_counter() - start
    for worker in workers:
        worker.join()
    good, bad = sum(r[0] for r in results), sum(r[1] for r in results)
    times = sorted(t for r in results for t in r[2])
    each = (spent(pid) - before) / max(good, 1) * 1000
    print(f"{CLIENTS} clients at once, {way}: {good / took:,.0f} describe calls/s, {bad} failed, "
          f"p50 {statistics.median(times) * 1000:.1f} ms, p99 {times[len(times) * 99 // 100] * 1000:.1f} ms ({good:,} calls, "
          f"{each:.2f} ms of the sandbox's processor time each)")
    return good / took, each, bad


def load(program, home_class):
    """100 clients at once, signatures made before the run; ends with 1 where the front door is not good enough."""
    with home_class() as home:
        child, access, address = serve(program, home)
        idle = resident(child.pid)
        calls = [signed(access, service, action, version, f"{more}&DryRun=false" if service == "ec2" and number % 2 else more)
                 for number in range(60) for service, action, version, more in DESCRIBES]
        rate, short_way, bad = storm(child.pid, address, [wire(*call) for call in calls], "plain signatures")
        # The same path to a signer, but not to the sandbox's short way: aws-sigv4 makes these signatures again.
        _, library, _ = storm(child.pid, address, [wire(*call, path="/?") for call in calls], "by aws-sigv4")
        print(f"the front door would serve {(1 - short_way / library) * 100:.0f} % fewer calls with the same processor time without protocol/signing.rs")
        most = resident(child.pid, "VmHWM")
        print(f"sandbox without engines: {idle:.1f} MB idle, {resident(child.pid):.1f} MB after the load, "
              f"{most:.1f} MB at most")
        home.run("sandbox", "stop")
        child.wait()
    short = [what for missed, what in [
        (bad, f"{bad} calls failed"),
        (rate < CALLS_PER_SECOND, f"fewer than {CALLS_PER_SECOND:,} calls/s"),
        (most > MEGABYTES, f"more than {MEGABYTES} MB"),
    ] if missed]
    if short:
        sys.exit(f"{program}: {'; '.join(short)}")


def hostile(count):
    """So many requests that must get nothing, crash nothing and leave nothing: those of the tests, in any number."""
    done = subprocess.run(
        ["cargo", "test", "-p", "recipe-walk-sandbox", "--lib", "--", "--exact", "strict::hostile::hostile_requests_in_a_process_of_their_own", "--ignored", "--nocapture"],
        cwd=Path(__file__).resolve().parent.parent, env={**os.environ, "RECIPE_WALK_HOSTILE": str(count)})
    if done.returncode:
        sys.exit(done.returncode)
