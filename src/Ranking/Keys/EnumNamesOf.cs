using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>Names of one enumeration in JSON.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal static class EnumNamesOf<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

    private static readonly IOpenEnum<T>? Open =
        typeof(T).GetCustomAttribute<JsonConverterAttribute>() is { ConverterType: { } type } ? (IOpenEnum<T>)Activator.CreateInstance(type)! : null;

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All => Open?.Names ?? [.. Values.Keys];

    /// <summary>Name of a value.</summary>
    public static string NameOf(T value) => Open?.NameOf(value) ?? JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>Value of a name.</summary>
    public static bool TryFind(string name, out T value) => Open is null ? Values.TryGetValue(name, out value) : Open.TryFind(name, out value);
}
