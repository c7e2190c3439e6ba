using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Bench;

/// <summary>The users that a measurement asks for.</summary>
internal static class BenchUsers
{
    /// <summary>Ids from a count and a pattern, or from a file. Throws <see cref="InputException"/> when they are no ids.</summary>
    public static IReadOnlyList<string> Read(string countOrFile, string pattern)
    {
        List<string> ids;
        if (int.TryParse(countOrFile, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            ids = [.. Enumerable.Range(1, count).Select(n => Format(pattern, n))];
        else if (File.Exists(countOrFile))
            ids = [.. File.ReadLines(countOrFile).Select(line => line.Trim()).Where(line => line.Length > 0)];
        else
            throw new InputException($"--users {countOrFile}: neither a number nor a file");
        if (ids.Count == 0)
            throw new InputException("--users: there are none");
        return ids.FirstOrDefault(id => !Limits.IsId(id)) is { } bad ? throw new InputException($"--users: '{bad}' is not an id") : ids;
    }

    private static string Format(string pattern, int number)
    {
        try
        {
            return string.Format(CultureInfo.InvariantCulture, pattern, number);
        }
        catch (FormatException e)
        {
            throw new InputException($"--user-pattern {pattern}: {e.Message}");
        }
    }
}
