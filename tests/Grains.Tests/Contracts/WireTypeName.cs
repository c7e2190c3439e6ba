using System.Reflection;

namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>Types as the wire contract writes them: the alias where there is one, else the name as in C#.</summary>
internal static class WireTypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Of(Type type)
    {
        if (type.IsArray)
            return Of(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        var name = type.GetCustomAttribute<AliasAttribute>()?.Alias ?? Keywords.GetValueOrDefault(type, type.Name.Split('`')[0]);
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>" : name;
    }

    /// <summary>The type and all that it is built from: elements of arrays, arguments of generic types.</summary>
    public static IEnumerable<Type> Parts(Type type) =>
        (type.IsArray ? [type.GetElementType()!] : type.GenericTypeArguments).SelectMany(Parts).Prepend(type);
}
