namespace KgOrleans.Inference;

/// <summary>Pre-rank fusion. It is linear in the user heads, so that it happens once for the user and not for every item.</summary>
public static class ScenePreRank
{
    /// <summary>
    /// Fuses user heads into one vector: sum over objectives k of weight_k x head_k. Its dot product with an item vector is the pre-rank score. A model without
    /// objectives has one head, which weights do not change.
    /// </summary>
    /// <param name="heads">Objectives x dimension values (<see cref="IUserTower"/>).</param>
    /// <param name="objectives">Objectives in head order.</param>
    /// <param name="weights">Weight by objective; an objective without a weight has 0.</param>
    /// <param name="vector">Destination, one vector.</param>
    public static void Fuse(ReadOnlySpan<float> heads, IReadOnlyList<string> objectives, IReadOnlyDictionary<string, double> weights, Span<float> vector)
    {
        if (heads.Length != Math.Max(1, objectives.Count) * vector.Length)
            throw new ArgumentException($"{heads.Length} values do not fit {objectives.Count} heads of {vector.Length} components", nameof(heads));
        vector.Clear();
        if (objectives.Count == 0)
            heads.CopyTo(vector);
        for (var k = 0; k < objectives.Count; k++)
        {
            if (!weights.TryGetValue(objectives[k], out var weight))
                continue;
            var head = heads.Slice(k * vector.Length, vector.Length);
            for (var i = 0; i < vector.Length; i++)
                vector[i] += (float)weight * head[i];
        }
    }
}
