using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Grains.Shards;

/// <summary>The few newest views that a first round was answered from, kept so that the second round finds the same rows.</summary>
internal sealed class HeldViews(TimeProvider time) : IDisposable
{
    // A second round comes milliseconds after the first, and a shard publishes about one view a second. Without its view a second round looks its keys up in
    // the newest one.
    private const int Most = 8;

    // Longer than a request may take; a view that nobody asks for again must not keep its memory.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Queue<(PartitionView View, long At)> _views = new();

    /// <summary>Keeps a view that the caller holds, unless it is kept already, and lets go of those that are too many or too old.</summary>
    public void Keep(PartitionView view)
    {
        lock (_lock)
        {
            if (!_views.Any(kept => ReferenceEquals(kept.View, view)) && view.TryHold())
                _views.Enqueue((view, time.GetTimestamp()));
            DropOldest();
        }
    }

    /// <summary>The kept view of an epoch, held for the caller; null when it is no longer kept.</summary>
    public PartitionView? Find(long epoch)
    {
        lock (_lock)
        {
            var view = _views.FirstOrDefault(kept => kept.View.Epoch == epoch).View;
            return view is not null && view.TryHold() ? view : null;
        }
    }

    /// <summary>Lets go of views that are too many or too old.</summary>
    public void Trim()
    {
        lock (_lock)
            DropOldest();
    }

    /// <summary>Lets go of all views.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_views.TryDequeue(out var kept))
                kept.View.Dispose();
        }
    }

    private void DropOldest()
    {
        while (_views.TryPeek(out var oldest) && (_views.Count > Most || time.GetElapsedTime(oldest.At) > KeptFor))
            _views.Dequeue().View.Dispose();
    }
}
