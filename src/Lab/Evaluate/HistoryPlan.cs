namespace KgOrleans.Lab.Evaluate;

/// <summary>What is measured on a history.</summary>
/// <param name="Data">Path of the data.</param>
/// <param name="Split">How positives are set aside.</param>
/// <param name="Share">Share of each user's positives, or of all of them, that is set aside, 0..1.</param>
/// <param name="Seeds">Seeds of the choice; one run each.</param>
/// <param name="AgeDays">How many days before now the newest event lies.</param>
/// <param name="Scenes">Scenes that are asked.</param>
/// <param name="Fit">Whether the scenes are asked once more with a bundle that is fitted to what was sent.</param>
internal sealed record HistoryPlan(
    string Data, HistorySplit Split, double Share, IReadOnlyList<int> Seeds, int AgeDays, IReadOnlyList<HistoryScene> Scenes, bool Fit);
