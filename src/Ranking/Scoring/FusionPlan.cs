using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Scoring;

/// <summary>
/// A scene's fusion of a model's objectives into one score: each logit becomes a probability by Platt's scaling (Platt 1999), p_k = sigmoid(scale_k x logit_k +
/// shift_k); the score is (1 - blend) x (prod p_k ^ e_k) ^ (1 / sum e_k) + blend x sum w_k p_k / sum w_k, in 0..1. Where the product or the sum names no
/// objective of the model, the other stands alone. Immutable.
/// </summary>
public sealed class FusionPlan
{
    // Keeps the logarithm finite. No ranker means a probability this low.
    private const float Floor = 1e-6f;

    private readonly float[] _scales;
    private readonly float[] _shifts;
    private readonly float[] _exponents;
    private readonly float[] _weights;
    private readonly float _blend;

    /// <summary>Compiles the fusion of a scene for a model.</summary>
    /// <param name="settings">The scene's settings; objectives that the model does not have are ignored.</param>
    /// <param name="objectives">The model's objectives, in the order of its logits.</param>
    public FusionPlan(FineRankSettings settings, IReadOnlyList<string> objectives)
    {
        var (product, sum) = (0.0, 0.0);
        for (var k = 0; k < objectives.Count; k++)
        {
            product += settings.Fusion.Product.GetValueOrDefault(objectives[k]);
            sum += settings.Fusion.Sum.GetValueOrDefault(objectives[k]);
        }
        IsEmpty = !(product > 0) && !(sum > 0);
        _blend = product > 0 ? sum > 0 ? (float)settings.Fusion.Blend : 0 : 1;
        (_scales, _shifts) = (new float[objectives.Count], new float[objectives.Count]);
        (_exponents, _weights) = (new float[objectives.Count], new float[objectives.Count]);
        for (var k = 0; k < objectives.Count; k++)
        {
            var calibration = settings.Calibration.GetValueOrDefault(objectives[k]);
            (_scales[k], _shifts[k]) = calibration is null ? (1, 0) : ((float)calibration.Scale, (float)calibration.Shift);
            _exponents[k] = product > 0 ? (float)(settings.Fusion.Product.GetValueOrDefault(objectives[k]) / product) : 0;
            _weights[k] = sum > 0 ? (float)(settings.Fusion.Sum.GetValueOrDefault(objectives[k]) / sum) : 0;
        }
    }

    /// <summary>Whether the fusion names no objective of the model, so that there is no score.</summary>
    public bool IsEmpty { get; }

    /// <summary>Fuses the logits of many items.</summary>
    /// <param name="logits">One row of logits for each item; receives calibrated probabilities.</param>
    /// <param name="scores">Receives one score for each item; NaN when any of its logits is not finite, so that the caller drops the item.</param>
    /// <returns>How many items have no score.</returns>
    public int Fuse(Span<float> logits, Span<float> scores)
    {
        var objectives = _scales.Length;
        if (logits.Length != (long)scores.Length * objectives)
            throw new ArgumentException($"{logits.Length} logits do not fit {scores.Length} items with {objectives} objectives each", nameof(logits));
        var dropped = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var row = logits.Slice(i * objectives, objectives);
            float logarithm = 0, sum = 0;
            var finite = true;
            for (var k = 0; k < row.Length; k++)
            {
                finite &= float.IsFinite(row[k]);
                var p = RelevanceScale.Sigmoid((_scales[k] * row[k]) + _shifts[k]);
                row[k] = p;
                sum += _weights[k] * p;
                // Logarithms cost most of the loop: only objectives that enter the product take one.
                if (_exponents[k] > 0 && _blend < 1)
                    logarithm += _exponents[k] * MathF.Log(Math.Max(p, Floor));
            }
            scores[i] = finite ? Math.Clamp((_blend < 1 ? (1 - _blend) * MathF.Exp(logarithm) : 0) + (_blend * sum), 0, 1) : float.NaN;
            dropped += finite ? 0 : 1;
        }
        return dropped;
    }
}
