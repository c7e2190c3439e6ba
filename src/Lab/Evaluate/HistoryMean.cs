namespace KgOrleans.Lab.Evaluate;

/// <summary>A method over all seeds: means over users, with the 95 % interval of recall@10.</summary>
internal sealed record HistoryMean(string Name, bool IsBaseline, double Recall10, double Low, double High, double Ndcg10, double Recall50);
