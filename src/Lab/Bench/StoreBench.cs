using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Lab.Bench;

/// <summary>Appends to a log on the local disk, and what the disk itself takes.</summary>
/// <param name="folder">Where it writes.</param>
/// <param name="recordBytes">Bytes of a record.</param>
internal sealed class StoreBench(string folder, int recordBytes)
{
    // Appends in flight, so that one is made while another is flushed.
    private const int Ahead = 4;

    private readonly ReadOnlyMemory<byte> _record = RandomBytes(recordBytes);

    /// <summary>Bytes of a record.</summary>
    public int RecordBytes => recordBytes;

    /// <summary>Writes the records one after another into a file, flushed after each batch.</summary>
    public async Task<TimeSpan> PlainAsync(int records, int batch, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var content = new byte[batch * recordBytes];
        for (var i = 0; i < batch; i++)
            _record.CopyTo(content.AsMemory(i * recordBytes));
        var started = TimeProvider.System.GetTimestamp();
        using var handle = File.OpenHandle(Path.Combine(folder, "plain"), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        for (long written = 0; written < records; written += batch)
        {
            var part = content.AsMemory(0, (int)Math.Min(batch, records - written) * recordBytes);
            await RandomAccess.WriteAsync(handle, part, written * recordBytes, cancellation);
            RandomAccess.FlushToDisk(handle);
        }
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Appends the records in batches, and says how many bytes lie in the log's files then.</summary>
    public async Task<(TimeSpan Time, long Bytes)> BulkAsync(int records, int batch, CancellationToken cancellation)
    {
        var store = new LocalLogStore(folder, NullLogger<LocalLogStore>.Instance);
        var started = TimeProvider.System.GetTimestamp();
        await using (var log = await store.OpenAsync("bulk", cancellation))
        {
            var flights = new Queue<Task>();
            for (var sent = 0; sent < records; sent += batch)
            {
                if (flights.Count == Ahead)
                    await flights.Dequeue();
                flights.Enqueue(log.AppendAsync([.. Enumerable.Repeat(_record, Math.Min(batch, records - sent))], cancellation).AsTask());
            }
            await Task.WhenAll(flights);
        }
        var time = TimeProvider.System.GetElapsedTime(started);
        return (time, new DirectoryInfo(Path.Combine(folder, "bulk")).EnumerateFiles().Sum(file => file.Length));
    }

    /// <summary>Lets callers append one record each, again and again, on a disk whose flushes are slow.</summary>
    public async Task<LoadResult> SingleAsync(LoadPlan plan, TimeSpan flushDelay, CancellationToken cancellation)
    {
        var store = new LocalLogStore(folder, NullLogger<LocalLogStore>.Instance);
        await using var log = await store.OpenAsync("single", store.SegmentBytes, handle =>
        {
            Thread.Sleep(flushDelay);
            RandomAccess.FlushToDisk(handle);
        }, cancellation);
        return await LoadRun.RunAsync(plan, async (_, token) =>
        {
            await log.AppendAsync([_record], token);
            return false;
        }, TimeProvider.System, cancellation);
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
