namespace KgOrleans.Grains.Users;

/// <summary>The summed neighbours of what a user likes, as a request takes them along.</summary>
/// <param name="Sources">Tells what they were made from: items and their order.</param>
/// <param name="At">When they were read, by the clock's timestamp.</param>
/// <param name="Items"><see cref="Ranking.Recall.SimilarItem"/> records.</param>
/// <param name="Ids">Ids of the user's items, by place.</param>
/// <param name="IsPartial">Whether some shards did not answer.</param>
internal sealed record UserSimilar(long Sources, long At, byte[] Items, string[] Ids, bool IsPartial);
