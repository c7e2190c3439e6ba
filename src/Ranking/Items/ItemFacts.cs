namespace KgOrleans.Ranking.Items;

/// <summary>What a user's state needs to know about the item of an event.</summary>
/// <param name="ItemId">Id.</param>
/// <param name="CreatorId">Creator.</param>
/// <param name="SongId">Song, if any.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Tags">Tags.</param>
/// <param name="Content">Unit content vector; empty when the item has none.</param>
public sealed record ItemFacts(string ItemId, string CreatorId, string? SongId, ItemKind Kind, IReadOnlyList<string> Tags, float[] Content);
