namespace KgOrleans.Ranking.Keys;

/// <summary>An enumeration that configuration extends. Its JSON converter, which the enumeration names, knows the names.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal interface IOpenEnum<T>
    where T : struct, Enum
{
    /// <summary>Names that callers may send.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Name of a value.</summary>
    string NameOf(T value);

    /// <summary>Value of a name that callers may send.</summary>
    bool TryFind(string name, out T value);
}
