using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Upload;

/// <summary>Events of one call, as the JSON body that grows with them.</summary>
public sealed class EventBatch
{
    /// <summary>
    /// Most events in one call. Fewer than the service allows: one call then holds a few users at a time and its answer comes soon enough to show progress.
    /// </summary>
    public const int MostEvents = 2_000;

    // Room for the closing brackets.
    private const int MostBytes = Limits.JsonBody - 16;

    private readonly MemoryStream _json = new();
    private readonly List<NamedEvent> _events = [];

    /// <summary>An empty batch.</summary>
    public EventBatch() => _json.Write("{\"events\":["u8);

    /// <summary>Number of events.</summary>
    public int Count => _events.Count;

    /// <summary>An event by its index in the call.</summary>
    public NamedEvent this[int index] => _events[index];

    /// <summary>Adds an event; false, and nothing is added, when the batch is full.</summary>
    public bool TryAdd(NamedEvent e)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(e.Event, KgJson.Options);
        if (Count == MostEvents || _json.Length + json.Length + 1 > MostBytes)
            return false;
        if (Count > 0)
            _json.WriteByte((byte)',');
        _json.Write(json);
        _events.Add(e);
        return true;
    }

    /// <summary>The finished body; nothing can be added after.</summary>
    public ReadOnlyMemory<byte> Body()
    {
        _json.Write("]}"u8);
        return _json.GetBuffer().AsMemory(0, (int)_json.Length);
    }
}
