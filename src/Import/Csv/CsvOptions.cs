using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Import.Csv;

/// <summary>How CSV files are read.</summary>
/// <param name="Ids">Ids of items and users; a creator is a user.</param>
/// <param name="Types">Types of events.</param>
/// <param name="Kind">Kind of items whose file has none.</param>
/// <param name="WorldId">World of items and users; null for the cluster's own.</param>
public sealed record CsvOptions(IdScope Ids, CsvTypes Types, ItemKind Kind, string? WorldId);
