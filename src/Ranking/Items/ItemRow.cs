using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Items;

/// <summary>
/// Scalar columns of one item, fixed size and layout: keys instead of strings (<see cref="Key64"/>, 0 for none), NaN for a number that is not known.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct ItemRow
{
    /// <summary>Number of tags that features see; further tags count for recall only.</summary>
    public const int TagCapacity = 8;

    /// <summary>Bytes of a row.</summary>
    public static int Size => Unsafe.SizeOf<ItemRow>();

    /// <summary>Key of the id.</summary>
    public ulong Key;

    /// <summary>Key of the creator.</summary>
    public ulong Creator;

    /// <summary>Key of the song, 0 without one.</summary>
    public ulong Song;

    /// <summary>Key of the region, 0 if unknown.</summary>
    public ulong Region;

    /// <summary>Key of the language, 0 if unknown.</summary>
    public ulong Language;

    /// <summary>Key of the tone, 0 if unknown.</summary>
    public ulong Tone;

    /// <summary>Keys of the first tags, 0 beyond the last.</summary>
    public TagKeys Tags;

    /// <summary>When it was published, unix milliseconds; <see cref="long.MinValue"/> for an item that never ages.</summary>
    public long PublishedAt;

    /// <summary>Length in seconds, NaN if unknown.</summary>
    public float DurationSeconds;

    /// <summary>Quality 0..1, NaN if unknown.</summary>
    public float Quality;

    /// <summary>Impressions so far, from the event log.</summary>
    public float Impressions;

    /// <summary>Valid plays so far.</summary>
    public float Plays;

    /// <summary>Likes so far.</summary>
    public float Likes;

    /// <summary>Comments so far.</summary>
    public float Comments;

    /// <summary>Time-decayed popularity at the time of the request: the hot channel's score.</summary>
    public float Hot;

    /// <summary>Kind.</summary>
    public ItemKind Kind;

    /// <summary>1 when the content vector was given, 0 when it was made from tags and creator.</summary>
    public byte HasContent;

    /// <summary>Keys of an item's first tags.</summary>
    [InlineArray(TagCapacity)]
    public struct TagKeys
    {
        private ulong _first;
    }
}
