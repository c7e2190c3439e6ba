using System.Text;
using System.Text.Json;

namespace KgOrleans.Storage.Logs;

/// <summary>Which segments a log has, and who writes it. JSON, then a line with the CRC-32C of the bytes before.</summary>
/// <param name="Format">Version of log and manifest.</param>
/// <param name="Id">What tells this log from every other one.</param>
/// <param name="Epoch">Counts the writers; a segment's name has that of its maker.</param>
/// <param name="Writer">What tells the writer of this epoch from another that tried to be.</param>
/// <param name="Segments">Segments in the order of their positions, without gaps. Only the last one may be open.</param>
/// <param name="IsTrimmed">Whether segments before the first one were given up.</param>
internal sealed record LogManifest(
    int Format, Guid Id, long Epoch, Guid Writer, IReadOnlyList<LogManifest.Segment> Segments, bool IsTrimmed = false)
{
    /// <summary>The format that this build writes.</summary>
    public const int CurrentFormat = 3;

    private const int ChecksumLength = 9;

    /// <summary>Position where the records that are kept start.</summary>
    public long FirstPosition => Segments.Count > 0 ? Segments[0].First : SegmentFormat.FirstPosition;

    /// <summary>The bytes of the manifest.</summary>
    public byte[] ToBytes()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);
        return [.. json, .. Encoding.ASCII.GetBytes($"\n{Crc32C.Finish(Crc32C.Append(Crc32C.Initial, json)):x8}")];
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="StorageException">It is damaged, or of a newer format.</exception>
    public static LogManifest Parse(string file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (bytes.Length > ChecksumLength)
            {
                var json = bytes[..^ChecksumLength];
                string checksum = $"\n{Crc32C.Finish(Crc32C.Append(Crc32C.Initial, json)):x8}";
                if (bytes[^ChecksumLength..].SequenceEqual(Encoding.ASCII.GetBytes(checksum))
                    && JsonSerializer.Deserialize<LogManifest>(json, JsonSerializerOptions.Web) is { } manifest)
                {
                    return manifest.Format <= CurrentFormat
                        ? manifest
                        : throw new StorageException(
                            $"Log manifest {file} has format {manifest.Format}; this build reads up to {CurrentFormat}. Use the newer build that wrote it.",
                            isTransient: false);
                }
            }
        }
        catch (JsonException)
        {
            // Its checksum is right, so it was written like this; damage all the same.
        }
        throw new LogCorruptException(file, 0, "the manifest fails its checksum. Restore it from a backup.");
    }

    /// <summary>One segment.</summary>
    /// <param name="Name">Its name on the medium.</param>
    /// <param name="First">Position of its first byte.</param>
    /// <param name="End">Position behind its last record; null while it is written.</param>
    internal sealed record Segment(string Name, long First, long? End);
}
