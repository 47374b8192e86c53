"""Runs a user's file in the sandbox: boot.py NAME CHECKS PROCESSES, or, ahead of time, boot.py --warm MODULES.

NAME is how the file is called in messages. CHECKS is 1 or 0, or 2: look at it, tell its inputs, and run nothing. PROCESSES limits how many there may be; 0 where the host has seen to it.
Imports are late on purpose: a run that only computes waits for none of them. With --warm the MODULES are loaded, and the three words come later,
over a pipe; nothing of a user is here before.
"""
import os
import sys

CHANNEL = 3
GO = 4
SOURCE = "/task/main.py"
# A run whose file, imports or inputs are no good ends so, before any of it was run.
REFUSED = 96
# One that was only to be looked at, and is good.
CHECKED = 97
ONLY_AST = 0x400
MOST_RESULT = 1 << 20
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib", "requests", "httpx", "aiohttp", "urllib3"}


def send(**message):
    import json
    os.write(CHANNEL, json.dumps(message).encode() + b"\n")


def refuse(*problems):
    send(refused=problems)
    os._exit(REFUSED)


def parse(source, name):
    try:
        return compile(source, name, "exec", ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        text = (error.text or "").rstrip("\n")[:200]
        refuse({"kind": "syntax", "line": error.lineno, "column": error.offset, "message": str(error.msg), "text": text})
    except (MemoryError, RecursionError):
        refuse({"kind": "syntax", "message": "it is nested too deeply to be read"})
    except (ValueError, UnicodeError) as error:
        refuse({"kind": "syntax", "message": str(error)})


def imported(body, sure):
    """Names of the imported packages with their line, and whether the file cannot do without."""
    for node in body:
        kind = type(node).__name__
        if kind == "Import":
            yield from ((alias.name.split(".")[0], node, sure) for alias in node.names)
        elif kind == "ImportFrom" and node.module and not node.level:
            yield node.module.split(".")[0], node, sure
        for part in ("body", "orelse", "handlers", "finalbody"):
            inner = getattr(node, part, None)
            if isinstance(inner, list):
                yield from imported(inner, False)


def is_here(package):
    return package in sys.modules or any(finder.find_spec(package, None) for finder in sys.meta_path)


def check_imports(tree):
    missing, advice, seen = [], [], set()
    for package, node, sure in imported(tree.body, True):
        if (package, sure) in seen:
            continue
        seen.add((package, sure))
        where = {"line": node.lineno, "column": node.col_offset + 1}
        if not is_here(package):
            (missing if sure else advice).append({"kind": "import", **where, "message": f"the package '{package}' is not in this environment"})
        elif package in NETWORK:
            advice.append({"kind": "import", **where, "message": f"'{package}' is here, but the sandbox has no network"})
    if advice:
        send(advice=advice)
    if missing:
        refuse(*missing)


def read_archive():
    """main.py of an archive; its other modules are imported from there, too."""
    import zipimport
    try:
        source = zipimport.zipimporter(SOURCE).get_data("main.py")
    except (zipimport.ZipImportError, OSError, ImportError) as error:
        refuse({"kind": "syntax", "message": f"the archive has no readable main.py at its top ({error})"})
    sys.path.insert(0, SOURCE)
    return source


def find_main(tree):
    for node in tree.body:
        if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef") and node.name == "main":
            return node
    return None


def read_inputs(main):
    if os.path.getsize("/in/params.json") <= 2 and (main is None or not has_parameters(main)):
        return {}
    import json
    with open("/in/params.json", encoding="utf-8") as file:
        given = json.load(file)
    import essaim_inputs
    values, problems = essaim_inputs.bind(main, given.get("inputs", {}), given.get("texts", {}))
    if problems:
        refuse(*problems)
    return values


def look_only(main):
    import essaim_inputs
    # Inputs that are given must fit; without any it is about the file.
    if os.path.getsize("/in/params.json") > 2:
        read_inputs(main)
    send(schema=essaim_inputs.schema(main))
    os._exit(CHECKED)


def has_parameters(main):
    return bool(main.args.args or main.args.posonlyargs or main.args.kwonlyargs)


def write_result(result):
    import json

    def plain(value):
        if hasattr(value, "tolist"):                       # numpy's scalars and arrays
            return value.tolist()
        if hasattr(value, "isoformat"):
            return value.isoformat()
        if hasattr(value, "__dataclass_fields__"):
            return {name: getattr(value, name) for name in value.__dataclass_fields__}
        if hasattr(value, "__fspath__"):
            return os.fspath(value)
        raise TypeError(f"main returned a {type(value).__name__}; return numbers, texts, lists, dicts and None")

    try:
        text = json.dumps(result, default=plain, allow_nan=False)
    except RecursionError:
        raise ValueError("what main returned is nested too deeply") from None
    except ValueError as error:
        if "JSON compliant" in str(error):
            raise ValueError("main returned NaN or an infinity, which JSON cannot hold; return None instead") from None
        raise
    if len(text) > MOST_RESULT:
        raise ValueError(f"what main returned takes {len(text)} bytes as JSON, more than {MOST_RESULT}; write it to a file instead")
    with open("/out/result.json", "w", encoding="utf-8") as file:
        file.write(text)


def report(error, name, source):
    """The traceback from the user's first frame on, to stderr and to the host."""
    import linecache
    import traceback
    # As linecache itself has them: the last line ends, too.
    lines = [line + "\n" for line in source.decode("utf-8", "replace").splitlines()]
    linecache.cache[name] = (len(source), None, lines, name)
    frame = error.__traceback__
    while frame and frame.tb_frame.f_code.co_filename == __file__:
        frame = frame.tb_next
    error.__traceback__ = frame
    text = "".join(traceback.format_exception(type(error), error, frame))
    line = None
    while frame:
        if frame.tb_frame.f_code.co_filename == name:
            line = frame.tb_lineno
        frame = frame.tb_next
    sys.stderr.write(text)
    sys.stderr.flush()
    message = str(error)
    while True:
        try:
            send(error={"type": type(error).__name__, "message": message[:2000], "line": line, "traceback": text[-16000:]})
            return
        except UnicodeError:
            message = ascii(message)


def run(tree, name, main, inputs):
    module = type(sys)("__main__" if main is None else "main")
    module.__file__ = SOURCE
    # Processes a program spawns begin with what is called __main__: that is never this file.
    sys.modules["__essaim__"] = sys.modules["__main__"]
    sys.modules["__main__"] = type(sys)("__main__")
    sys.modules[module.__name__] = module
    exec(compile(tree, name, "exec", dont_inherit=True), module.__dict__)
    if main is None:
        return
    result = module.main(**inputs)
    if hasattr(result, "__await__"):
        import asyncio
        result = asyncio.run(result)
    if result is not None:
        write_result(result)


def load_and_wait(modules):
    """Loads what the environment's programs begin with, says so, and waits for the words."""
    import gc
    import json
    os.set_inheritable(CHANNEL, False)
    os.set_inheritable(GO, False)
    sys.path.insert(0, "/task")
    for module in ("essaim_inputs", "essaim", *filter(None, modules.split(","))):
        try:
            __import__(module)
        except ImportError:
            pass                                           # The program will say so itself, if it needs it.
    sys.path.remove("/task")
    sys.path_importer_cache.clear()
    gc.collect()
    gc.freeze()
    os.write(CHANNEL, b"ready\n")
    text = b""
    while not text.endswith(b"\n"):
        part = os.read(GO, 65536)
        if not part:
            os._exit(1)
        text += part
    os.close(GO)
    words = json.loads(text)
    if archive_hides_loaded():
        os.set_inheritable(CHANNEL, True)
        os.execv(sys.executable, [sys.executable, "-I", "-B", "-u", __file__, *words])
    return words


def archive_hides_loaded():
    """Whether an archive brings modules of its own under names that are taken already: then it begins anew, as if nothing had been loaded."""
    with open(SOURCE, "rb") as file:
        if file.read(4) != b"PK\3\4":
            return False
    import zipimport
    try:
        entries = zipimport.zipimporter(SOURCE)._files
    except (zipimport.ZipImportError, OSError):
        return False
    return not sys.modules.keys().isdisjoint(entry.replace("\\", "/").split("/")[0].split(".")[0] for entry in entries)


def start():
    words = load_and_wait(sys.argv[2]) if len(sys.argv) == 3 else sys.argv[1:]
    name, checks, processes = words[0], int(words[1]), int(words[2])
    os.write(CHANNEL, b'{"hello": 1}\n')
    os.set_inheritable(CHANNEL, False)
    if processes:
        import resource
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    sys.path.insert(0, "/task")
    sys.argv[:] = [name]
    with open(SOURCE, "rb") as file:
        source = file.read()
    if source[:4] == b"PK\3\4":
        source = read_archive()
    tree = parse(source, name)
    if checks:
        check_imports(tree)
    main = find_main(tree)
    if checks == 2:
        look_only(main)
    inputs = read_inputs(main)
    if inputs:
        import essaim
        essaim.inputs.update(inputs)
    os.write(CHANNEL, b'{"started": 1}\n')
    try:
        run(tree, name, main, inputs)
    except SystemExit:
        raise
    except BaseException as error:
        report(error, name, source)
        sys.exit(1)


start()
