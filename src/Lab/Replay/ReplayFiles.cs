using System.Text;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>Reads a history from NDJSON files: the documents and events that the HTTP API takes.</summary>
internal static class ReplayFiles
{
    /// <summary>Whether a folder holds what <c>kg export</c> writes.</summary>
    public static bool IsExport(string folder) =>
        File.Exists(Path.Combine(folder, "items.ndjson")) && File.Exists(Path.Combine(folder, "events.ndjson"))
        // A data directory that somebody exported into is a data directory.
        && !File.Exists(Path.Combine(folder, "catalogue.json"));

    /// <summary>Reads a folder that <c>kg export</c> wrote; <c>users.ndjson</c> may lie beside. Throws <see cref="InputException"/> for a damaged line.</summary>
    public static ReplayHistory ReadExport(string folder)
    {
        var users = new FileInfo(Path.Combine(folder, "users.ndjson"));
        var (items, events) = (new FileInfo(Path.Combine(folder, "items.ndjson")), new FileInfo(Path.Combine(folder, "events.ndjson")));
        return Read(users.Exists ? users : null, items, events) with { Source = $"export {Path.GetFileName(Path.GetFullPath(folder))}" };
    }

    /// <summary>Reads the files that there are. Throws <see cref="InputException"/> for a line that is not a document.</summary>
    public static ReplayHistory Read(FileInfo? users, FileInfo? items, FileInfo? events)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new ReplayHistory(
            "", (users ?? items ?? events)?.Name ?? "",
            items is null ? [] : [.. Lines<ItemDocument>(items)],
            users is null ? [] : Lines<UserDocument>(users).DistinctBy(u => u.UserId).ToDictionary(u => u.UserId),
            events is null ? [] : [.. Lines<UserEvent>(events).Select(e => EventValidator.Complete(e, now))]);
    }

    private static IEnumerable<T> Lines<T>(FileInfo file)
        where T : class
    {
        var number = 0;
        foreach (var line in File.ReadLines(file.FullName))
        {
            number++;
            if (line.Length == 0)
                continue;
            yield return InputJson.TryRead<T>(Encoding.UTF8.GetBytes(line), "", InputJson.Options, out var document, out var error)
                ? document
                : throw new InputException($"{file.Name} line {number}: {error}");
        }
    }
}
