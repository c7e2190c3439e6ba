namespace KgOrleans.Lab.Evaluate;

/// <summary>One user's scores.</summary>
/// <param name="Recall10">Share of what was set aside that the page of ten holds.</param>
/// <param name="Ndcg10">NDCG of the page of ten, a hit being worth 1.</param>
/// <param name="Recall50">Share of what was set aside that the page of fifty holds.</param>
internal sealed record HistoryScore(double Recall10, double Ndcg10, double Recall50);
