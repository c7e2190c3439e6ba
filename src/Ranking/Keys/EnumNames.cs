using System.Reflection;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>Names of enumerations in JSON: camelCase, or what the configuration says of an enumeration that it extends.</summary>
internal static class EnumNames
{
    /// <summary>Whether the names of an enumeration are its own converter's business.</summary>
    public static bool IsOpen(Type type) => type.GetCustomAttribute<JsonConverterAttribute>() is not null;

    /// <summary>Names of an enumeration.</summary>
    public static IReadOnlyList<string> Of(Type type) => SourceOf(type).Names;

    /// <summary>Name of a value.</summary>
    public static string NameOf(Enum value) => SourceOf(value.GetType()).NameOf(value);

    private static ISource SourceOf(Type type) => (ISource)Activator.CreateInstance(typeof(Source<>).MakeGenericType(type))!;

    private interface ISource
    {
        IReadOnlyList<string> Names { get; }

        string NameOf(Enum value);
    }

    private sealed class Source<T> : ISource
        where T : struct, Enum
    {
        public IReadOnlyList<string> Names => EnumNamesOf<T>.All;

        public string NameOf(Enum value) => EnumNamesOf<T>.NameOf((T)value);
    }
}
