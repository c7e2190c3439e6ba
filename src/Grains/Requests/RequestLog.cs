using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Requests;

/// <summary>
/// The newest requests that this silo answered, in memory. Number, age and bytes are bounded; the oldest go first. It keeps the answers' own immutable
/// objects, so that a request costs one insertion, and serialises nothing until a record is asked for.
/// </summary>
public sealed class RequestLog(IOptions<RequestLogOptions> options, TimeProvider time)
{
    // Estimated bytes of a page's report, of an item with a few channels and objectives, of a feature and of a label, rounded up. They only bound memory.
    private const int RecordBytes = 10_240;
    private const int ItemBytes = 1_792;
    private const int FeatureBytes = 96;
    private const int LabelBytes = 96;

    private readonly RequestLogOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly Queue<Entry> _entries = new();
    private readonly Dictionary<string, Entry> _byId = [];
    private long _bytes;

    /// <summary>Whether a request leaves a record: real ones do, dry runs when they ask to be explained.</summary>
    public bool Keeps(RecommendCommand command) => _options.Capacity > 0 && (!command.DryRun || command.Explain);

    /// <summary>Adds a record; one of the same id is replaced.</summary>
    public void Add(RequestRecord record)
    {
        var entry = new Entry(record, time.GetTimestamp(), BytesOf(record));
        lock (_lock)
        {
            _entries.Enqueue(entry);
            _byId[record.Answer.RequestId] = entry;
            _bytes += entry.Bytes;
            while (_entries.TryPeek(out var oldest) && (_entries.Count > _options.Capacity || _bytes > (long)_options.MaxMegabytes << 20 || IsExpired(oldest)))
                DropOldest();
        }
    }

    /// <summary>The record of a request; null when it is unknown or has expired.</summary>
    public RequestRecord? Find(string requestId)
    {
        lock (_lock)
            return _byId.TryGetValue(requestId, out var entry) && !IsExpired(entry) ? entry.Record : null;
    }

    /// <summary>How much is kept.</summary>
    public RequestLogView Describe(string silo)
    {
        lock (_lock)
        {
            return new RequestLogView
            {
                Silo = silo,
                Records = _entries.Count,
                Bytes = _bytes,
                Oldest = _entries.TryPeek(out var oldest) ? oldest.Record.At.ToString("u") : "",
                Newest = [.. _entries.Reverse().Take(10).Select(e => e.Record.Answer.RequestId)],
            };
        }
    }

    private bool IsExpired(Entry entry) => time.GetElapsedTime(entry.Added) > TimeSpan.FromMinutes(_options.Minutes);

    private void DropOldest()
    {
        var entry = _entries.Dequeue();
        _bytes -= entry.Bytes;
        if (_byId.TryGetValue(entry.Record.Answer.RequestId, out var known) && known == entry)
            _byId.Remove(entry.Record.Answer.RequestId);
    }

    private static long BytesOf(RequestRecord record)
    {
        var bytes = (long)RecordBytes + (record.Filter?.Length ?? 0);
        foreach (var (name, value) in record.Labels)
            bytes += LabelBytes + (sizeof(char) * (name.Length + value.Length));
        bytes += BytesOf(record.Answer.Funnel?.Features);
        foreach (var item in record.Answer.Items)
            bytes += ItemBytes + BytesOf(item.Features);
        return bytes;
    }

    private static long BytesOf(Dictionary<string, float[]>? features)
    {
        var bytes = 0L;
        foreach (var (_, values) in features ?? [])
            bytes += FeatureBytes + (sizeof(float) * values.Length);
        return bytes;
    }

    private sealed record Entry(RequestRecord Record, long Added, long Bytes);
}
