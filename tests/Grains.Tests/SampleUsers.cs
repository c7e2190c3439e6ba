using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests;

/// <summary>Profiles for tests.</summary>
internal static class SampleUsers
{
    /// <summary>A user who is interested in one tag.</summary>
    public static UserDocument Fan(string id, string tag) =>
        new() { UserId = id, Interests = new UserInterests { Tags = new Dictionary<string, double> { [tag] = 3 } } };
}
