using System.Reflection;
using System.Text;

namespace Essaim.Tests.Architecture;

/// <summary>The public surface of an assembly as sorted text, one member a line.</summary>
internal static class PublicApi
{
    public static string Describe(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append('\n');
            foreach (string member in Members(type).Distinct().Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (ConstructorInfo constructor in type.GetConstructors(declared).Where(Visible))
            yield return $"new({Parameters(constructor)})";
        foreach (PropertyInfo property in type.GetProperties(declared).Where(property => property.GetAccessors(true).Any(Visible)))
            yield return $"{Name(property.PropertyType)} {property.Name} {{ {string.Join(" ", property.GetAccessors(true).Where(Visible).Select(Accessor))} }}";
        foreach (FieldInfo field in type.GetFields(declared).Where(field => field.IsPublic && !field.IsSpecialName))
            yield return type.IsEnum ? $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}" : $"{Name(field.FieldType)} {field.Name}";
        foreach (MethodInfo method in type.GetMethods(declared).Where(method => Visible(method) && !IsGenerated(method)))
            yield return $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})";
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    /// <summary>Accessors are shown with their property; what the compiler adds to records and values says nothing new.</summary>
    private static bool IsGenerated(MethodInfo method) =>
        method.Name.StartsWith("get_", StringComparison.Ordinal) || method.Name.StartsWith("set_", StringComparison.Ordinal)
        || method.Name.StartsWith("op_", StringComparison.Ordinal) || method.Name.Contains('<', StringComparison.Ordinal)
        || method.Name is "Equals" or "GetHashCode" or "ToString" or "PrintMembers" or "Deconstruct" or "EqualityContract";

    private static string Accessor(MethodInfo accessor) => accessor.Name.StartsWith("get_", StringComparison.Ordinal)
        ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init;" : "set;";

    private static string Generic(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "default") : "")}"));

    private static string Kind(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : "class";
        string modifier = type is { IsClass: true, IsAbstract: true, IsSealed: true } ? "static " : type is { IsClass: true, IsAbstract: true } ? "abstract " : type is { IsClass: true, IsSealed: true } ? "sealed " : "";
        return modifier + kind;
    }

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsByRef || type.IsArray)
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "&");
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        string name = type.Namespace is { } space && !space.StartsWith("System", StringComparison.Ordinal) && type.DeclaringType is null ? $"{space}.{type.Name}" : type.Name;
        if (type.DeclaringType is { } outer)
            name = $"{Name(outer)}.{type.Name}";
        if (!type.IsGenericType)
            return name;
        return $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
