namespace KgOrleans.Kernels.Diversity;

/// <summary>What a selection makes of relevance and of the likeness to the newest picks.</summary>
internal interface ISimilarityRule
{
    /// <summary>What a candidate starts with.</summary>
    /// <param name="relevance">Its relevance.</param>
    /// <param name="parameter">The rule's own parameter.</param>
    static abstract float Start(float relevance, float parameter);

    /// <summary>What a candidate is worth as the next pick; minus infinity when it started with that.</summary>
    /// <param name="start">What it started with.</param>
    /// <param name="most">Its greatest cosine with the newest picks; minus infinity when there are none.</param>
    /// <param name="parameter">The rule's own parameter.</param>
    static abstract float Value(float start, float most, float parameter);

    /// <summary>Whether a candidate goes before one of the same value at a lower position.</summary>
    /// <param name="value">The value of both.</param>
    /// <param name="most">The candidate's greatest cosine with the newest picks.</param>
    /// <param name="other">That of the other.</param>
    static abstract bool BreaksTie(float value, float most, float other);

    /// <summary>What is reported of a pick.</summary>
    /// <param name="value">What it was worth.</param>
    /// <param name="most">Its greatest cosine with the picks before it.</param>
    static abstract double Gain(float value, float most);
}
