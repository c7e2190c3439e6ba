using System.Text;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Turns documents into <see cref="DecodedItem"/>s, one at a time, in memory that it keeps.</summary>
/// <param name="contentDimension">Components of a content vector.</param>
public sealed class DocumentDecoder(int contentDimension)
{
    private static readonly Dictionary<string, double> NoFeatures = [];

    private readonly float[] _content = new float[contentDimension];
    private byte[] _text = new byte[1024];
    private ulong[] _tagKeys = new ulong[16];
    private int[] _tagEnds = new int[16];
    private ulong[] _communityKeys = new ulong[16];
    private ulong[] _featureKeys = new ulong[16];
    private float[] _featureValues = new float[16];
    private int _used;

    /// <summary>The columns of a document, valid until the next call.</summary>
    public DecodedItem Decode(ItemDocument item)
    {
        _used = 0;
        EnsureText(item);
        var tags = Tags(item);
        var row = default(ItemRow);
        ItemColumns.Describe(item, _tagKeys.AsSpan(0, tags), ref row, _content);
        var features = Features(item);
        var tagText = _text.AsSpan(0, _used);
        return new DecodedItem
        {
            Key = row.Key,
            Id = Encode(item.ItemId),
            CreatorKey = row.Creator,
            Creator = Encode(item.CreatorId),
            SongKey = row.Song,
            Song = Encode(item.SongId),
            RegionKey = row.Region,
            LanguageKey = row.Language,
            ToneKey = row.Tone,
            WorldKey = Key64.OfOptional(item.WorldId),
            TagKeys = _tagKeys.AsSpan(0, tags),
            TagText = tagText,
            TagEnds = _tagEnds.AsSpan(0, tags),
            CommunityKeys = Communities(item),
            FeatureKeys = _featureKeys.AsSpan(0, features),
            FeatureValues = _featureValues.AsSpan(0, features),
            PublishedAt = row.PublishedAt,
            ExpiresAt = item.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue,
            DurationSeconds = row.DurationSeconds,
            Quality = row.Quality,
            Kind = row.Kind,
            Hidden = item.Hidden == true,
            HasContent = row.HasContent != 0,
            Content = _content,
        };
    }

    // One buffer for all texts, made large enough before spans of it are handed out.
    private void EnsureText(ItemDocument item)
    {
        var length = item.ItemId.Length + item.CreatorId.Length + (item.SongId?.Length ?? 0);
        foreach (var tag in item.Tags)
            length += tag.Length;
        if (_text.Length < 3 * length)
            _text = new byte[3 * length];
        if (_tagKeys.Length < item.Tags.Count)
            (_tagKeys, _tagEnds) = (new ulong[item.Tags.Count], new int[item.Tags.Count]);
        if (_communityKeys.Length < item.CommunityIds.Count)
            _communityKeys = new ulong[item.CommunityIds.Count];
    }

    private ReadOnlySpan<byte> Encode(string? text)
    {
        var from = _used;
        _used += text is null ? 0 : Encoding.UTF8.GetBytes(text, _text.AsSpan(from));
        return _text.AsSpan(from, _used - from);
    }

    // In order, without repetition: naming a tag twice must not make an item twice as interesting.
    private int Tags(ItemDocument item)
    {
        var count = 0;
        foreach (var tag in item.Tags)
        {
            var key = Key64.Of(tag);
            if (_tagKeys.AsSpan(0, count).Contains(key))
                continue;
            Encode(tag);
            (_tagKeys[count], _tagEnds[count]) = (key, _used);
            count++;
        }
        return count;
    }

    private int Features(ItemDocument item)
    {
        var count = 0;
        foreach (var (name, value) in item.Features ?? NoFeatures)
        {
            if (count == _featureKeys.Length)
            {
                Array.Resize(ref _featureKeys, 2 * count);
                Array.Resize(ref _featureValues, 2 * count);
            }
            (_featureKeys[count], _featureValues[count]) = (Key64.Of(name), (float)value);
            count++;
        }
        return count;
    }

    private ReadOnlySpan<ulong> Communities(ItemDocument item)
    {
        var count = 0;
        foreach (var community in item.CommunityIds)
        {
            var key = Key64.Of(community);
            if (!_communityKeys.AsSpan(0, count).Contains(key))
                _communityKeys[count++] = key;
        }
        return _communityKeys.AsSpan(0, count);
    }
}
