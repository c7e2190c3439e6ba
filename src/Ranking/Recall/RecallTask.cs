using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>One request of a pass: its query, its eligible rows, and the picks of each channel.</summary>
internal sealed class RecallTask
{
    private TimeProvider _time = TimeProvider.System;
    private long _start;

    public RecallRequest Request { get; private set; } = null!;

    /// <summary>Eligible rows: address of a bitmap of all chunks' rows.</summary>
    public nint Bits { get; private set; }

    public EligibilityCounts Counts { get; set; }

    /// <summary>Whether the user vector can be scored.</summary>
    public bool HasModel { get; private set; }

    /// <summary>Whether the model channel can score.</summary>
    public bool HasModelChannel { get; private set; }

    /// <summary>User vector of the model channel: that of the recall head where the view has one.</summary>
    public float[] ModelVector { get; private set; } = [];

    /// <summary>Half-life and time of popularity.</summary>
    public HotMoment Moment => HotMoment.Of(Request.Scene.Recall.Hot.HalfLifeHours, Request.ScoreTime);

    /// <summary>Picks by <see cref="RecallChannel"/>.</summary>
    public ChannelPicks[] Picks { get; } = [.. Enumerable.Range(0, RecallChannels.Count).Select(_ => new ChannelPicks())];

    public TopKStream Best { get; } = new(1);

    /// <summary>8-bit scores of all rows in the model channel, when <see cref="HasCoarse"/>; rows that are not eligible included.</summary>
    public NativeScratch Coarse { get; } = new();

    /// <summary>Whether the scan has left a score of every row.</summary>
    public bool HasCoarse { get; set; }

    public void Start(PartitionView view, RecallRequest request, nint bits, TimeProvider time)
    {
        (Request, Bits, HasModel, HasCoarse, _time) = (request, bits, request.HasModel(view), false, time);
        (HasModelChannel, ModelVector) = (request.HasModelChannel(view), view.RecallDimension > 0 ? request.RecallVector : request.UserVector);
        _start = time.GetTimestamp();
        foreach (var picks in Picks)
            picks.Clear();
    }

    /// <summary>How many a channel may pick: the most of its quota that can lie in this shard, or all that are eligible; 0 when it is off.</summary>
    public int Quota(RecallChannel channel)
    {
        var quota = Request.QuotaOf((int)channel);
        if (quota > 0 && Request.Pruning is { } pruning)
            quota = ShardShare.Most(quota, pruning.Shards);
        return (int)Math.Min(quota, Counts.Eligible);
    }

    /// <summary>How many of its best belong to the global best.</summary>
    public int Certain(RecallChannel channel) => Request.Pruning is { } pruning ? ShardShare.Least(Request.QuotaOf((int)channel), pruning.Shards) : 0;

    /// <summary>Whether a channel has exceeded its timeout; it is then marked.</summary>
    public bool IsLate(RecallChannel channel)
    {
        var timeouts = Request.TimeoutsMs;
        if ((int)channel >= timeouts.Length || _time.GetElapsedTime(_start).TotalMilliseconds <= timeouts[(int)channel])
            return false;
        Picks[(int)channel].MarkLate();
        return true;
    }

    /// <summary>Eligible rows of a chunk.</summary>
    public unsafe ReadOnlySpan<ulong> BitsOf(PartitionView view, int chunk)
    {
        var words = 1 << (view.ChunkShift - 6);
        return new ReadOnlySpan<ulong>((ulong*)Bits + ((nint)chunk * words), words);
    }

    /// <summary>64 consecutive rows: which are eligible.</summary>
    public unsafe ulong WordAt(int word) => ((ulong*)Bits)[word];

    /// <summary>The 8-bit score of a row.</summary>
    public unsafe float CoarseAt(int row) => ((float*)Coarse.Address)[row];

    /// <summary>Whether a row is eligible.</summary>
    public unsafe bool IsEligible(int row) => (((ulong*)Bits)[row >> 6] >> row & 1) != 0;
}
