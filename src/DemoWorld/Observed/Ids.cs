using System.Globalization;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>Ids of the demo world: a letter and the index + 1.</summary>
internal static class Ids
{
    public static string Item(int index) => string.Create(CultureInfo.InvariantCulture, $"w{index + 1:D5}");

    public static string Creator(int index) => string.Create(CultureInfo.InvariantCulture, $"c{index + 1:D4}");

    public static string Song(int index) => string.Create(CultureInfo.InvariantCulture, $"s{index + 1:D4}");

    public static string User(int index) => string.Create(CultureInfo.InvariantCulture, $"u{index + 1:D4}");

    public static string Community(int index) => string.Create(CultureInfo.InvariantCulture, $"g{index + 1:D3}");

    public static string Request(int user, int number) => string.Create(CultureInfo.InvariantCulture, $"demo-u{user + 1:D4}-{number + 1:D2}");

    /// <summary>Ids of some indexes, in their order.</summary>
    public static string[] All(IReadOnlyCollection<int> indexes, Func<int, string> id)
    {
        var ids = new string[indexes.Count];
        var n = 0;
        foreach (var index in indexes)
            ids[n++] = id(index);
        return ids;
    }
}
