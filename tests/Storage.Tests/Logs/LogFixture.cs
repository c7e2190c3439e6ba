using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>A store in a temporary directory, with what it logged.</summary>
public sealed class LogFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public LogFixture() => Store = new LocalLogStore(_directory.Path, Logger);

    public ListLogger<LocalLogStore> Logger { get; } = new();

    public LocalLogStore Store { get; }

    public string Root => _directory.Path;

    public string FileOf(string name) => _directory.File(name + ".log");

    public static ReadOnlyMemory<byte>[] Records(params byte[][] payloads) => [.. payloads];

    public static async Task<List<byte[]>> ReadAllAsync(IRecordLog log, long from = 0)
    {
        var payloads = new List<byte[]>();
        await foreach (var record in log.ReadAsync(from))
            payloads.Add(record.Payload.ToArray());
        return payloads;
    }

    public void Dispose() => _directory.Dispose();
}
