using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Pages;

/// <summary>Pages of one service with what they were asked by.</summary>
internal sealed record PageRecording
{
    private static readonly JsonSerializerOptions Indented = new(KgJson.Options) { WriteIndented = true };

    /// <summary>The time that the pages answer as of.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Seed of the random choices.</summary>
    public required long Seed { get; init; }

    /// <summary>Items asked for on a page; null for the service's default.</summary>
    public int? PageSize { get; init; }

    /// <summary>The pages in the order of asking.</summary>
    public required IReadOnlyList<RecordedPage> Pages { get; init; }

    /// <summary>Reads a recording. Throws <see cref="InputException"/> when the file holds none.</summary>
    public static PageRecording Read(FileInfo file)
    {
        try
        {
            using var stream = file.OpenRead();
            var recording = JsonSerializer.Deserialize<PageRecording>(stream, KgJson.Options);
            return recording is { Pages.Count: > 0 } ? recording : throw new InputException($"{file.Name}: holds no pages");
        }
        catch (JsonException e)
        {
            throw new InputException($"{file.Name}: is not a recording of kg-lab pages record: {e.Message}");
        }
    }

    /// <summary>Writes the recording, over a file of the same name.</summary>
    public void Write(FileInfo file)
    {
        using var stream = file.Create();
        JsonSerializer.Serialize(stream, this, Indented);
    }
}
