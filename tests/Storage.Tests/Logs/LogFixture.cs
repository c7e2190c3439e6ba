using KgOrleans.Storage.Logs;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>A store in a temporary directory, with what it logged.</summary>
public sealed class LogFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public LogFixture() => Store = new LocalLogStore(_directory.Path, Logger);

    public ListLogger<LocalLogStore> Logger { get; } = new();

    public LocalLogStore Store { get; }

    public string Root => _directory.Path;

    /// <summary>The file of a log's newest segment.</summary>
    public string FileOf(string name) => Directory.GetFiles(_directory.File(name), "*-*").Order(StringComparer.Ordinal).Last();

    /// <summary>Files of a log's segments, oldest first.</summary>
    public string[] FilesOf(string name) => [.. Directory.GetFiles(_directory.File(name), "*-*").Order(StringComparer.Ordinal)];

    public string ManifestOf(string name) => Path.Combine(_directory.File(name), "manifest");

    public static ReadOnlyMemory<byte>[] Records(params byte[][] payloads) => [.. payloads];

    public Task<IRecordLog> OpenAsync(string name, Action<SafeFileHandle>? flush = null, long segmentBytes = 1 << 20) =>
        Store.OpenAsync(name, segmentBytes, flush ?? RandomAccess.FlushToDisk, CancellationToken.None);

    public static async Task<List<byte[]>> ReadAllAsync(IRecordLog log, long from = 0)
    {
        var payloads = new List<byte[]>();
        await foreach (var record in log.ReadAsync(from))
            payloads.Add(record.Payload.ToArray());
        return payloads;
    }

    public void Dispose() => _directory.Dispose();
}
