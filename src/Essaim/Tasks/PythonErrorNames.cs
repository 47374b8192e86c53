using System.Collections.Concurrent;
using System.Reflection;

namespace Essaim;

/// <summary>What Python calls .NET exceptions, so that callers there catch what they expect.</summary>
internal static class PythonErrorNames
{
    private const string BuiltIns = "builtins";

    // By exact type: a class of the user's own has its own meaning, and an attribute where it wants another name.
    private static readonly Dictionary<Type, string> Natural = new()
    {
        [typeof(TaskArgumentException)] = "TypeError",
        [typeof(ArgumentException)] = "ValueError",
        [typeof(ArgumentNullException)] = "ValueError",
        [typeof(ArgumentOutOfRangeException)] = "ValueError",
        [typeof(FormatException)] = "ValueError",
        [typeof(KeyNotFoundException)] = "KeyError",
        [typeof(IndexOutOfRangeException)] = "IndexError",
        [typeof(TimeoutException)] = "TimeoutError",
        [typeof(NotImplementedException)] = "NotImplementedError",
        [typeof(DivideByZeroException)] = "ZeroDivisionError",
        [typeof(OverflowException)] = "OverflowError",
        [typeof(UnauthorizedAccessException)] = "PermissionError",
        [typeof(FileNotFoundException)] = "FileNotFoundError",
        [typeof(DirectoryNotFoundException)] = "FileNotFoundError",
        [typeof(EndOfStreamException)] = "EOFError",
        [typeof(IOException)] = "OSError",
    };

    private static readonly ConcurrentDictionary<Type, (string Name, string Module)> Known = new();

    /// <summary>Class and module; the .NET name and namespace where Python has no counterpart.</summary>
    public static (string Name, string Module) Of(Type type) => Known.GetOrAdd(type, Find);

    private static (string Name, string Module) Find(Type type)
    {
        if (type.GetCustomAttribute<TaskErrorNameAttribute>() is { } given)
        {
            int dot = given.Name.LastIndexOf('.');
            return dot > 0 ? (given.Name[(dot + 1)..], given.Name[..dot]) : (given.Name, BuiltIns);
        }

        return Natural.TryGetValue(type, out string? natural) ? (natural, BuiltIns) : (DotNetName(type), type.Namespace ?? "");
    }

    private static string DotNetName(Type type) => type.DeclaringType is { } outer ? $"{DotNetName(outer)}.{type.Name}" : type.Name;
}
