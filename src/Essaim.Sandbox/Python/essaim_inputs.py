"""Fits inputs to the signature of main(), read from its syntax tree: nothing of the user's is run for it."""
import json
import os

PLAIN = {"int", "float", "str", "bool", "list", "dict", "Path", "None", "Any"}
ALIASES = {"List": "list", "Dict": "dict", "Sequence": "list", "Mapping": "dict", "pathlib.Path": "Path", "Number": "float", "object": "Any"}
NAMES = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "list": "a list", "dict": "an object",
         "Path": "the name of a file given with --file", "None": "null", "Any": "anything"}


class Unfit(Exception):
    pass


def constant(node):
    """The value a node stands for: a number, with its sign, a text, a truth value or None; what is none of these is Ellipsis."""
    if type(node).__name__ == "UnaryOp" and type(node.op).__name__ == "USub":
        value = constant(node.operand)
        return -value if type(value) in (int, float) else ...
    return node.value if type(node).__name__ == "Constant" else ...


def is_json(value):
    return value is None or isinstance(value, (int, str)) or (isinstance(value, float) and abs(value) < float("inf"))


def name_of(node):
    kind = type(node).__name__
    if kind == "Name":
        return node.id
    if kind == "Attribute":
        inner = name_of(node.value)
        return f"{inner}.{node.attr}" if inner in ("pathlib",) else node.attr
    return ""


def read_hint(node):
    """A hint as a list of (kind, of): any of them fits. What is not understood is anything."""
    kind = type(node).__name__
    if node is None:
        return [("Any", None)]
    if kind == "Constant":
        if node.value is None:
            return [("None", None)]
        if isinstance(node.value, str):
            try:
                return read_hint(compile(node.value, "", "eval", 0x400).body)
            except (SyntaxError, ValueError):
                return [("Any", None)]
    if kind == "BinOp" and type(node.op).__name__ == "BitOr":
        return read_hint(node.left) + read_hint(node.right)
    if kind == "Subscript":
        outer = name_of(node.value)
        inner = node.slice.elts if type(node.slice).__name__ == "Tuple" else [node.slice]
        if outer == "Literal":
            return [("Literal", list(filter(is_json, map(constant, inner))))]
        if outer == "Optional":
            return read_hint(inner[0]) + [("None", None)]
        if outer == "Union":
            return [choice for part in inner for choice in read_hint(part)]
        if outer == "Annotated":
            return read_hint(inner[0])
        outer = ALIASES.get(outer, outer)
        if outer == "list":
            return [("list", read_hint(inner[0]))]
        if outer == "dict" and len(inner) == 2:
            return [("dict", read_hint(inner[1]))]
        return [(outer if outer in PLAIN else "Any", None)]
    name = ALIASES.get(name_of(node), name_of(node))
    return [(name if name in PLAIN else "Any", None)]


def describe(hint):
    words = []
    for kind, of in hint:
        if kind == "Literal":
            words.append("one of " + ", ".join(json.dumps(value) for value in of))
        elif kind == "list" and of:
            words.append(f"a list, each {describe(of)}")
        else:
            words.append(NAMES[kind])
    return " or ".join(words)


def from_text(text, hint):
    """A word of the command line as what is wanted: JSON where it reads as JSON, else a text."""
    kinds = [kind for kind, _ in hint]
    if "str" in kinds and not {"int", "float", "bool", "list", "dict", "None"} & set(kinds):
        return text
    if "Path" in kinds:
        return text
    if "Literal" in kinds and text in dict(hint)["Literal"]:
        return text
    if "bool" in kinds and text.lower() in ("true", "yes", "on", "false", "no", "off"):
        return text.lower() in ("true", "yes", "on")
    try:
        return json.loads(text)
    except ValueError:
        pass
    if "float" in kinds:
        try:
            return float(text)                             # 1e3, .5, 5. and 1_000 are Python's
        except ValueError:
            pass
    return text


def fit_one(value, kind, of):
    if kind == "Any":
        return value
    if kind == "None" and value is None:
        return None
    if kind == "Literal" and any(type(value) is type(choice) and value == choice for choice in of):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise Unfit(None) from None
    if kind == "str" and isinstance(value, str):
        return value
    if kind == "list" and isinstance(value, list):
        return [fit(item, of) for item in value] if of else value
    if kind == "dict" and isinstance(value, dict):
        return {key: fit(item, of) for key, item in value.items()} if of else value
    if kind == "Path" and isinstance(value, str):
        folder = os.environ.get("ESSAIM_RUN", "") + "/in/"
        if "/" in value or value in ("", ".", "..", "params.json") or not os.path.isfile(folder + value):
            here = sorted(set(os.listdir(folder)) - {"params.json"})
            raise Unfit(f"there is no file {json.dumps(value)}; " + ("given with --file: " + ", ".join(here) if here else "give it with --file"))
        import pathlib
        return pathlib.Path(folder) / value
    raise Unfit(None)


def fit(value, hint):
    told = None
    # A whole number stays one where both are welcome.
    for kind, of in sorted(hint, key=lambda choice: choice[0] == "float"):
        try:
            return fit_one(value, kind, of)
        except Unfit as unfit:
            told = told or unfit.args[0]
    shown = json.dumps(value)
    raise Unfit(told or f"{shown if len(shown) < 80 else shown[:77] + '...'} is not {describe(hint)}")


def parameters(main):
    arguments = main.args
    named = arguments.posonlyargs + arguments.args
    required = len(named) - len(arguments.defaults)
    for index, argument in enumerate(named):
        yield argument.arg, read_hint(argument.annotation), index < required
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield argument.arg, read_hint(argument.annotation), default is None


TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "list": "array", "dict": "object", "Path": "string", "None": "null"}


def schema_of(hint):
    if any(kind == "Any" for kind, _ in hint):
        return {}
    choices = []
    for kind, of in hint:
        if kind == "Literal":
            choices.append({"enum": of})
        elif kind == "list" and of:
            choices.append({"type": "array", "items": schema_of(of)})
        elif kind == "dict" and of:
            choices.append({"type": "object", "additionalProperties": schema_of(of)})
        elif kind == "Path":
            choices.append({"type": "string", "format": "essaim-file"})
        else:
            choices.append({"type": TYPES[kind]})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def defaults(main):
    arguments = main.args
    named = arguments.posonlyargs + arguments.args
    pairs = list(zip(named[len(named) - len(arguments.defaults):], arguments.defaults)) + list(zip(arguments.kwonlyargs, arguments.kw_defaults))
    return {argument.arg: constant(node) for argument, node in pairs if node is not None and is_json(constant(node))}


def schema(main):
    """The inputs as JSON Schema. A script takes anything."""
    if main is None:
        return {"type": "object"}
    known = defaults(main)
    properties = {name: {**schema_of(hint), **({"default": known[name]} if name in known else {})} for name, hint, _ in parameters(main)}
    described = {"type": "object", "properties": properties, "required": [name for name, _, required in parameters(main) if required],
                 "additionalProperties": main.args.kwarg is not None}
    first = main.body[0]
    if type(first).__name__ == "Expr" and type(first.value).__name__ == "Constant" and isinstance(first.value.value, str):
        described["description"] = " ".join(first.value.value.split())[:1000]
    return described


def by_name(main):
    return {"kind": "input", "line": main.lineno, "message": "main() takes its inputs by name; remove the '/' from its signature"}


def bind(main, inputs, texts):
    """The values for main(**values), and what is wrong with the inputs."""
    anything = [("Any", None)]
    if main is None:
        return {**inputs, **{name: from_text(text, anything) for name, text in texts.items()}}, []
    if main.args.posonlyargs:
        return {}, [by_name(main)]
    known, values, problems = {}, {}, []
    for name, hint, required in parameters(main):
        known[name] = hint
        if required and name not in inputs and name not in texts:
            problems.append({"kind": "input", "input": name, "message": f"is required: {describe(hint)}"})
    for name in [*inputs, *texts]:
        hint = known.get(name, anything if main.args.kwarg else None)
        if hint is None:
            has = "main() has: " + ", ".join(known) if known else "main() has none"
            problems.append({"kind": "input", "input": name, "message": f"is not an input; {has}"})
            continue
        try:
            values[name] = fit(inputs[name] if name in inputs else from_text(texts[name], hint), hint)
        except Unfit as unfit:
            problems.append({"kind": "input", "input": name, "message": str(unfit)})
    return values, problems
