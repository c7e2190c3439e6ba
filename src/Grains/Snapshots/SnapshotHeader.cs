using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Snapshots;

/// <summary>The first record of a base snapshot, as JSON.</summary>
/// <param name="Format">Version of the snapshot.</param>
/// <param name="LogId">The shard's log.</param>
/// <param name="Position">Position in that log: everything below is in the snapshot.</param>
/// <param name="NewestVersion">The newest version that the shard has given to an item.</param>
/// <param name="Items">Number of items.</param>
/// <param name="ContentDimension">Components of a content vector.</param>
/// <param name="CountedTo">Position up to which each partition of the event log is counted.</param>
/// <param name="WrittenAt">When it was written.</param>
internal sealed record SnapshotHeader(
    int Format, Guid LogId, long Position, long NewestVersion, int Items, int ContentDimension, long[] CountedTo, DateTimeOffset WrittenAt)
{
    /// <summary>The format that this build writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The record.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, KgJson.Options);

    /// <summary>Reads the record. Throws <see cref="FormatException"/> for other bytes.</summary>
    public static SnapshotHeader Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<SnapshotHeader>(bytes, KgJson.Options) is { CountedTo: not null, Items: >= 0 } header
                ? header
                : throw new FormatException("not the header of a snapshot");
        }
        catch (JsonException e)
        {
            throw new FormatException("not the header of a snapshot", e);
        }
    }
}
