using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>How many items the eligibility test saw, and why it dropped some. An item is counted under the first reason that applies.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct EligibilityCounts
{
    /// <summary>Live items.</summary>
    public long Live;

    /// <summary>Items that may be recommended.</summary>
    public long Eligible;

    /// <summary>Of another world.</summary>
    public long OtherWorld;

    /// <summary>Hidden.</summary>
    public long Hidden;

    /// <summary>Expired.</summary>
    public long Expired;

    /// <summary>Not yet published, or older than the scene's window.</summary>
    public long Age;

    /// <summary>Not admitted by the scene.</summary>
    public long Admission;

    /// <summary>Seen, excluded or served on an earlier page.</summary>
    public long Excluded;

    /// <summary>Of a blocked creator, tag or song, or the user's own.</summary>
    public long Blocked;

    /// <summary>Not matching the filter.</summary>
    public long Filtered;
}
