using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Binds a message's arguments to a task's parameters by Celery's (that is, Python's) rules.</summary>
internal sealed class ArgumentBinder(string task, IReadOnlyList<TaskParameter> parameters, JsonSerializerOptions json)
{
    private static readonly object Missing = new();
    private readonly bool _takesRest = parameters is [.., { TakesRest: true }];

    /// <exception cref="TaskArgumentException">An argument is missing, superfluous, given twice, or of a wrong type.</exception>
    public object?[] Bind(RawJson args, RawJson kwargs)
    {
        object?[] values = new object?[parameters.Count];
        Array.Fill(values, Missing);
        try
        {
            BindPositional(args, values);
            BindKeywords(kwargs, values);
        }
        catch (JsonException error)
        {
            throw new TaskArgumentException(
                task, null, $"The arguments of task '{task}' are not JSON that can be read here: {error.Message} Send finite numbers and valid text.", error);
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (ReferenceEquals(values[i], Missing))
                values[i] = parameters[i].Optional ? parameters[i].Default : throw MissingArgument(args, kwargs, parameters[i]);
        }

        return values;
    }

    private void BindPositional(RawJson args, object?[] values)
    {
        Utf8JsonReader reader = new(args.Utf8.Span, JsonList.Deep);
        reader.Read();
        int takes = _takesRest ? values.Length - 1 : values.Length;
        int position = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            if (position < takes)
                values[position] = Read(ref reader, args, parameters[position]);
            else
                reader.Skip();
        }

        if (position > takes)
        {
            throw new TaskArgumentException(
                task, null, $"Task '{task}' takes {Count(takes)} but {position} came by position. {Signature} Leave the superfluous ones out.");
        }
    }

    private void BindKeywords(RawJson kwargs, object?[] values)
    {
        Utf8JsonReader reader = new(kwargs.Utf8.Span, JsonList.Deep);
        reader.Read();
        Dictionary<string, RawJson>? rest = null;
        if (_takesRest)
            values[^1] = rest = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int index = Find(ref reader);
            if (index < 0)
            {
                AddRest(rest, ref reader, kwargs);
                continue;
            }

            if (!ReferenceEquals(values[index], Missing))
            {
                throw new TaskArgumentException(
                    task, parameters[index].WireName, $"Task '{task}' was given its argument '{parameters[index].WireName}' twice. {Signature} Give it once, by position or by keyword.");
            }

            reader.Read();
            values[index] = Read(ref reader, kwargs, parameters[index]);
        }
    }

    private void AddRest(Dictionary<string, RawJson>? rest, ref Utf8JsonReader reader, RawJson kwargs)
    {
        string name = reader.GetString()!;
        if (rest is null)
            throw new TaskArgumentException(task, name, $"Task '{task}' has no parameter '{name}'. {Signature} Leave '{name}' out or correct its name.");
        reader.Read();
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        rest[name] = new RawJson(kwargs.Utf8[start..(int)reader.BytesConsumed]);
    }

    /// <summary>The parameter a keyword is for; -1 where none has that name.</summary>
    private int Find(ref Utf8JsonReader reader)
    {
        int named = _takesRest ? parameters.Count - 1 : parameters.Count;
        for (int i = 0; i < named; i++)
        {
            if (reader.ValueTextEquals(parameters[i].WireNameUtf8))
                return i;
        }

        string folded = TaskParameter.Fold(reader.GetString()!);
        for (int i = 0; i < named; i++)
        {
            if (parameters[i].FoldedName == folded)
                return i;
        }

        return -1;
    }

    private object? Read(ref Utf8JsonReader reader, RawJson source, TaskParameter parameter)
    {
        int start = (int)reader.TokenStartIndex;
        JsonTokenType token = reader.TokenType;
        Utf8JsonReader after = reader;
        after.Skip();
        ReadOnlyMemory<byte> text = source.Utf8[start..(int)after.BytesConsumed];
        Exception? cause = null;
        if (token != JsonTokenType.Null || parameter.AllowsNull)
        {
            try
            {
                object? value = parameter.Type == typeof(RawJson)
                    ? new RawJson(text)
                    : JsonSerializer.Deserialize(text.Span, parameter.Type, json);
                reader = after;
                return value;
            }
            catch (Exception error) when (error is JsonException or NotSupportedException or FormatException or ArgumentException or InvalidOperationException)
            {
                cause = error;
            }
        }

        throw new TaskArgumentException(
            task,
            parameter.WireName,
            $"Task '{task}' takes a {TaskParameter.TypeName(parameter.Type)} as its argument '{parameter.WireName}', but {Describe(text, token)} came. {Signature} Send a value of that type.",
            cause);
    }

    private string Signature => parameters.Count == 0 ? "It has no parameters." : $"Its parameters are ({string.Join("; ", parameters.Select(parameter => parameter.Describe()))}).";

    private TaskArgumentException MissingArgument(RawJson args, RawJson kwargs, TaskParameter parameter)
    {
        int positional = args.Deserialize<JsonElement>().GetArrayLength();
        string[] names = [.. kwargs.Deserialize<JsonElement>().EnumerateObject().Select(property => $"'{property.Name}'")];
        string came = names.Length == 0 ? "no keywords" : $"the keywords {string.Join(", ", names)}";
        return new TaskArgumentException(
            task,
            parameter.WireName,
            $"Task '{task}' needs its argument '{parameter.WireName}', but {positional} by position and {came} came. {Signature} Send '{parameter.WireName}', too.");
    }

    private static string Count(int parameters) => parameters == 1 ? "1 argument" : $"{parameters} arguments";

    private static string Describe(ReadOnlyMemory<byte> text, JsonTokenType token)
    {
        const int Longest = 80;
        string shown = new RawJson(text).ToString();
        shown = shown.Length <= Longest ? shown : shown[..Longest] + "…";
        return token switch
        {
            JsonTokenType.String => $"the text {shown}",
            JsonTokenType.Number => $"the number {shown}",
            JsonTokenType.StartArray => $"the list {shown}",
            JsonTokenType.StartObject => $"the object {shown}",
            _ => shown,
        };
    }
}
