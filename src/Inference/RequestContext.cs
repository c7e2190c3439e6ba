using KgOrleans.Ranking.Serving;

namespace KgOrleans.Inference;

/// <summary>What features of the request are filled from, beside user and items. It enters the rankers only: user vectors are cached over requests.</summary>
/// <param name="Now">Time of the request, unix milliseconds.</param>
/// <param name="Caller">What the request said about itself; null for nothing.</param>
/// <param name="Heads">What the bundle's user tower computed for the user; a ranker over fitted factors reads it, any other does not.</param>
public readonly record struct RequestContext(long Now, ServingContext? Caller = null, ReadOnlyMemory<float> Heads = default);
