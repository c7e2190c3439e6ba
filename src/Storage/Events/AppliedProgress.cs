using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Events;

/// <summary>
/// Remembers over restarts, for each partition, below which position every event is in its user's state, so that opening looks at the events behind it only.
/// An old or missing note costs memory and changes no answer: users' states say themselves what they have.
/// </summary>
internal sealed class AppliedProgress : IAsyncDisposable
{
    private const string DocumentName = "events-applied";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ILogStore _store;
    private readonly CancellationTokenSource _stop = new();
    private Func<long[]>? _newest;
    private Task _loop = Task.CompletedTask;
    private long[] _written;

    private AppliedProgress(ILogStore store, long[] appliedTo)
    {
        _store = store;
        _written = AppliedTo = appliedTo;
    }

    /// <summary>What the note said when it was opened: a position for each partition, 0 when nothing is known.</summary>
    public long[] AppliedTo { get; }

    /// <summary>Reads the note. One that is damaged counts as missing.</summary>
    public static async Task<AppliedProgress> OpenAsync(ILogStore store, int partitions, CancellationToken cancellationToken)
    {
        byte[]? stored = await store.ReadDocumentAsync(DocumentName, cancellationToken);
        long[] positions = new long[partitions];
        if (stored is not null && stored.Length == (partitions + 1) * sizeof(long) && BinaryPrimitives.ReadInt64LittleEndian(stored) == Checksum(stored))
            MemoryMarshal.Cast<byte, long>(stored.AsSpan(sizeof(long))).CopyTo(positions);
        return new AppliedProgress(store, positions);
    }

    /// <summary>Begins to write what <paramref name="newest"/> says, every ten seconds and at the end.</summary>
    public void Start(Func<long[]> newest)
    {
        _newest = newest;
        _loop = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await WriteAsync();
        _stop.Dispose();
    }

    private static long Checksum(ReadOnlySpan<byte> document) => Crc32C.Finish(Crc32C.Append(Crc32C.Initial, document[sizeof(long)..]));

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                await WriteAsync();
        }
        catch (OperationCanceledException)
        {
            // Closing: the last note is written there.
        }
    }

    private async Task WriteAsync()
    {
        long[] positions = _newest!();
        if (positions.AsSpan().SequenceEqual(_written))
            return;
        byte[] document = new byte[(positions.Length + 1) * sizeof(long)];
        MemoryMarshal.AsBytes(positions.AsSpan()).CopyTo(document.AsSpan(sizeof(long)));
        BinaryPrimitives.WriteInt64LittleEndian(document, Checksum(document));
        try
        {
            await _store.WriteDocumentAsync(DocumentName, document);
            _written = positions;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StorageException)
        {
            // A full disk, as the logs themselves report it. The older note stays true, and the next round writes again.
        }
    }
}
