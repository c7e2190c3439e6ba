using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>How broad a user's taste is, and how that changes a scene's theta.</summary>
public static class TasteBreadth
{
    /// <summary>Largest theta that the quality of a DPP can be computed for (<see cref="Kernels.Diversity.GreedyDpp.Quality"/>).</summary>
    public const float LargestTheta = 0.98f;

    // The breadth at which theta stays as it is.
    private const double Middle = 0.5;

    /// <summary>Normalised entropy of the weights of the user's tags, H / ln n: 0 for one tag, 1 for equal weights; 0.5 when no tag is known.</summary>
    public static double Of(UserSnapshot user)
    {
        var (sum, tags) = (0.0, user.Tags);
        for (var i = 0; i < tags.Count; i++)
            sum += tags[i].Weight;
        if (tags.Count == 0 || !(sum > 0))
            return Middle;
        var entropy = 0.0;
        for (var i = 0; i < tags.Count; i++)
        {
            var p = tags[i].Weight / sum;
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }
        return tags.Count == 1 ? 0 : entropy / Math.Log(tags.Count);
    }

    /// <summary>theta - effect x (breadth - 0.5), within 0..0.98: a broad taste gets more diversity.</summary>
    /// <param name="theta">The scene's theta.</param>
    /// <param name="effect">How far breadth moves it.</param>
    /// <param name="user">The user.</param>
    public static float ThetaFor(double theta, double effect, UserSnapshot user) =>
        (float)Math.Clamp(effect == 0 ? theta : theta - (effect * (Of(user) - Middle)), 0, LargestTheta);
}
