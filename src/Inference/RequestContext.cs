namespace KgOrleans.Inference;

/// <summary>What a request says beside user and items. It enters the ranker only: user vectors are cached over requests.</summary>
/// <param name="Now">Time of the request, unix milliseconds.</param>
/// <param name="Values">The request's <c>context</c>; keys that no feature names are ignored.</param>
public readonly record struct RequestContext(long Now, IReadOnlyDictionary<string, string>? Values = null);
