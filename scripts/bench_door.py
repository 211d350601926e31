"""The sandbox's front door under load and under attack, from other processes over real connections; see scripts/bench."""
import multiprocessing, os, random, selectors, socket, statistics, subprocess, sys, time

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


def signed(access, service, action, version, more, skew=0):
    """One request as bytes, signed by botocore (not by us), and its parts."""
    import datetime
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    host = access["endpoint"].split("//")[1]
    body = f"Action={action}&Version={version}{more}"
    request = AWSRequest("POST", f"http://{host}/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": host})
    keys = Credentials(access["access_key_id"], access["secret_access_key"])
    signer = botocore.auth.SigV4Auth(keys, service, access["region"])
    if skew:
        # What add_auth does, at another time.
        stamp = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=skew)).strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = stamp
        signer._modify_request_before_signing(request)
        request.headers["X-Amz-Date"] = stamp
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signer._inject_signature_to_request(request, signature)
    else:
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


def load(program, home_class):
    """100 clients at once, signatures made before the run; ends with 1 where the front door is not good enough."""
    with home_class() as home:
        child, access, address = serve(program, home)
        idle = resident(child.pid)
        requests = []
        for number in range(60):
            for service, action, version, more in DESCRIBES:
                requests.append(wire(*signed(access, service, action, version, f"{more}&DryRun=false" if service == "ec2" and number % 2 else more)))
        out = multiprocessing.Queue()
        until, before = time.time() + SECONDS, spent(child.pid)
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
        print(f"{CLIENTS} clients at once: {good / took:,.0f} describe calls/s, {bad} failed, "
              f"p50 {statistics.median(times) * 1000:.1f} ms, p99 {times[len(times) * 99 // 100] * 1000:.1f} ms ({good:,} calls, "
              f"{(spent(child.pid) - before) / max(good, 1) * 1000:.2f} ms of the sandbox's processor time each)")
        most = resident(child.pid, "VmHWM")
        print(f"sandbox without engines: {idle:.1f} MB idle, {resident(child.pid):.1f} MB after the load, "
              f"{most:.1f} MB at most")
        home.run("sandbox", "stop")
        child.wait()
    short = [what for missed, what in [
        (bad, f"{bad} calls failed"),
        (good / took < CALLS_PER_SECOND, f"fewer than {CALLS_PER_SECOND:,} calls/s"),
        (most > MEGABYTES, f"more than {MEGABYTES} MB"),
    ] if missed]
    if short:
        sys.exit(f"{program}: {'; '.join(short)}")


ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def spoilt(dice, good, old, host):
    """One hostile request: nothing of it may be accepted."""
    kind = dice.randrange(10)
    headers, body = dice.choice(old if kind == 0 else good)
    headers = dict(headers)
    if kind == 0:
        return wire(headers, body)
    if kind == 1:
        del headers["Authorization"]
        return wire(headers, body)
    if kind in (2, 3):
        # One letter or digit of the signature, the scope or the date becomes another.
        name = dice.choice(["Authorization", "X-Amz-Date"])
        value = headers[name]
        at = dice.choice([i for i, c in enumerate(value) if c in ALPHABET])
        headers[name] = value[:at] + dice.choice([c for c in ALPHABET if c != value[at]]) + value[at + 1:]
        return wire(headers, body)
    if kind == 4:
        return wire(headers, body + "&x=y")
    if kind == 5:
        return wire(headers, body, "PUT")
    if kind == 6:
        return wire({"Host": host, "X-Amz-Target": "RecipeWalkSandbox.Stop", "Authorization": "AWS4-HMAC-SHA256 " + "=,/;" * dice.randrange(50)}, "{}")
    if kind == 7:
        return wire({"Host": host, "smithy-protocol": "rpc-v2-cbor"}, dice.randbytes(dice.randrange(200)), "POST", "/service/x/operation/../../y")
    if kind == 8:
        return wire({"Host": host, "Content-Type": "application/x-amz-json-1.1"}, "[" * dice.randrange(2000))
    return wire({"Host": host}, dice.randbytes(dice.randrange(300)), "GET", "/" + "".join(dice.choices("./%0aA?&=~", k=dice.randrange(80))))


def attack(address, host, good, old, count, seed, out):
    """Sends its share in batches on kept connections; every hundredth batch is slow, cut off, oversized or no HTTP."""
    dice = random.Random(seed)
    pool = [spoilt(dice, good, old, host) for _ in range(4000)]
    tally, sent, held, s = {}, 0, [], None
    while sent < count:
        if dice.randrange(100) == 0:
            bad = socket.create_connection(address)
            how = dice.randrange(4)
            try:
                bad.sendall([b"POST / HTTP/1.1\r\nhost", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\nabc",
                             dice.randbytes(500), b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1300000\r\n\r\n" + b"a" * 1200000][how])
            except OSError:
                pass
            # Two hundred stay open without a word.
            held.append(bad)
            if len(held) > 200:
                held.pop(dice.randrange(200)).close()
            sent += 1
            continue
        batch = dice.choices(pool, k=20)
        if s is None:
            s = socket.create_connection(address)
        got, data, closed = 0, b"", False
        try:
            s.sendall(b"".join(batch))
            while got < len(batch):
                more = s.recv(262144)
                if not more:
                    closed = True
                    break
                data += more
                while (end := answer_end(data)):
                    status = data[9:12].decode()
                    tally[status] = tally.get(status, 0) + 1
                    data = data[end:]
                    got += 1
        except OSError:
            closed = True
        sent += max(got, 1)
        if closed:
            s.close()
            s = None
    out.put(tally)


def hostile(program, home_class, count):
    """A million requests that must get nothing, crash nothing and leave nothing."""
    with home_class() as home:
        child, access, address = serve(program, home)
        host = access["endpoint"].split("//")[1]
        creates = DESCRIBES + [("ec2", "CreateSecurityGroup", "2016-11-15", "&GroupName=evil&GroupDescription=d"),
                               ("iam", "CreateInstanceProfile", "2010-05-08", "&InstanceProfileName=evil")]
        good = [signed(access, *call) for call in creates]
        old = [signed(access, *call, skew=skew) for call in creates for skew in (-1000, 1000, -86400)]
        world = home.dir / "state/recipe-walk/sandbox/world.json"
        run(address, host, good, old, count // 100)
        before, state = resident(child.pid), world.read_bytes()
        start = time.perf_counter()
        tally = run(address, host, good, old, count)
        took = time.perf_counter() - start
        accepted = sum(n for status, n in tally.items() if not status.startswith("4"))
        print(f"{count:,} hostile requests in {took:.0f} s: {dict(sorted(tally.items()))}, {accepted} accepted, "
              f"state {'unchanged' if world.read_bytes() == state else 'CHANGED'}")
        grown = resident(child.pid) - before
        print(f"the sandbox {'lives' if child.poll() is None else 'HAS CRASHED'}: {before:.1f} MB before, {grown:+.1f} MB")
        home.run("sandbox", "status")
        home.run("sandbox", "stop")
        child.wait()
        if accepted or grown > 50:
            sys.exit(1)


def run(address, host, good, old, count):
    out = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=attack, args=(address, host, good, old, count // PROCESSES, seed, out))
               for seed in range(PROCESSES)]
    for worker in workers:
        worker.start()
    total = {}
    for _ in workers:
        for status, hits in out.get().items():
            total[status] = total.get(status, 0) + hits
    for worker in workers:
        worker.join()
    return total
