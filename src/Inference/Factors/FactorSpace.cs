using System.Buffers;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Factors;

/// <summary>
/// The embedding space of fitted factors. An item of the fit has its own vector; any other has the vector that its document predicts. A user's vector is the
/// exact fold-in of the items that they liked last. Immutable and thread-safe.
/// </summary>
public sealed class FactorSpace
{
    /// <summary>A space.</summary>
    /// <param name="keys">Keys of the items with a vector of their own, ascending, each once.</param>
    /// <param name="model">Their vectors, in that order.</param>
    /// <param name="content">Vectors of all other items.</param>
    /// <param name="everyone">Mean vector of the users of the fit: that of a user of whom nothing is known.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public FactorSpace(ulong[] keys, FactorModel model, ContentFactors content, float[] everyone)
    {
        if (keys.Length != model.ItemCount || content.Mean.Length != model.Dimension || everyone.Length != model.Dimension)
            throw new ArgumentException("the parts of a factor space differ in items or dimension", nameof(keys));
        (Keys, Model, Content, Everyone) = (keys, model, content, everyone);
    }

    /// <summary>Keys of the items with a vector of their own, ascending.</summary>
    public ulong[] Keys { get; }

    /// <summary>Vectors of the items, and what users are solved from.</summary>
    public FactorModel Model { get; }

    /// <summary>Vectors of items that the fit did not know.</summary>
    public ContentFactors Content { get; }

    /// <summary>Mean vector of the users of the fit.</summary>
    public float[] Everyone { get; }

    /// <summary>Writes the vector of an item.</summary>
    public void OfItem(in ItemRow row, Span<float> vector)
    {
        if (Array.BinarySearch(Keys, row.Key) is >= 0 and var place)
        {
            Model.Of(place).CopyTo(vector);
            return;
        }
        Span<ContentToken> tokens = stackalloc ContentToken[ContentToken.Most];
        Content.Predict(tokens[..TokensOf(row, tokens)], vector);
    }

    /// <summary>Score of an item for a user: the dot product of their vectors.</summary>
    /// <param name="user">Vector of the user (<see cref="OfUser"/>).</param>
    /// <param name="row">The item.</param>
    public float ScoreOf(ReadOnlySpan<float> user, in ItemRow row)
    {
        if (Array.BinarySearch(Keys, row.Key) is >= 0 and var place)
            return DotProduct.Single(user, Model.Of(place));
        Span<float> vector = stackalloc float[Model.Dimension];
        OfItem(row, vector);
        return DotProduct.Single(user, vector);
    }

    /// <summary>Tokens of an item's columns.</summary>
    public static int TokensOf(in ItemRow row, Span<ContentToken> tokens) =>
        ContentToken.Fill(row.Creator, row.Song, row.Tags, row.Language, (ulong)row.Kind + 1, tokens);

    /// <summary>
    /// Writes the vector of a user. Without likes that the space knows, it is the mean of all users, moved by the interests that the profile states.
    /// </summary>
    public void OfUser(UserSnapshot user, Span<float> vector)
    {
        var d = Model.Dimension;
        var buffer = ArrayPool<float>.Shared.Rent(Math.Max(1, user.LikedHistory.Count) * d);
        var count = 0;
        foreach (var entry in user.LikedHistory)
        {
            if (OfLiked(entry, buffer.AsSpan(count * d, d)))
                count++;
        }
        if (count > 0)
            Model.FoldInRows(buffer.AsSpan(0, count * d), vector);
        else
            OfStranger(user, buffer.AsSpan(0, d), vector);
        ArrayPool<float>.Shared.Return(buffer);
    }

    // Of an item that is unknown, and has no token that is known, nothing can be said.
    private bool OfLiked(HistoryEntry entry, Span<float> vector)
    {
        if (Array.BinarySearch(Keys, Key64.Of(entry.ItemId)) is >= 0 and var place)
        {
            Model.Of(place).CopyTo(vector);
            return true;
        }
        Span<ulong> tags = stackalloc ulong[ContentToken.MostTags];
        var count = Math.Min(tags.Length, entry.Tags.Count);
        for (var i = 0; i < count; i++)
            tags[i] = Key64.Of(entry.Tags[i]);
        Span<ContentToken> tokens = stackalloc ContentToken[ContentToken.Most];
        var filled = ContentToken.Fill(Key64.Of(entry.CreatorId), Key64.OfOptional(entry.SongId), tags[..count], 0, 0, tokens);
        return Content.Predict(tokens[..filled], vector);
    }

    private void OfStranger(UserSnapshot user, Span<float> imagined, Span<float> vector)
    {
        vector.Clear();
        Span<ulong> tags = stackalloc ulong[ContentToken.MostTags];
        var count = Math.Min(tags.Length, user.Tags.Count);
        for (var i = 0; i < count; i++)
            tags[i] = user.Tags[i].Key;
        Span<ContentToken> tokens = stackalloc ContentToken[ContentToken.Most];
        var (creator, song) = (user.Creators.Count > 0 ? user.Creators[0].Key : 0, user.Songs.Count > 0 ? user.Songs[0].Key : 0);
        // One imagined item that has all that the user names.
        if (Content.Predict(tokens[..ContentToken.Fill(creator, song, tags[..count], 0, 0, tokens)], imagined))
            Model.FoldInRows(imagined, vector);
        for (var i = 0; i < vector.Length; i++)
            vector[i] += Everyone[i];
    }
}
