using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// The users that no model is trained on, so that offline metrics are measured on people that the model has never seen. Depends on the id alone: replay,
/// training and evaluation agree without a list.
/// </summary>
public static class HoldOut
{
    /// <summary>Whether a user is kept out of training: one in ten, by the key of the id.</summary>
    public static bool IsHeldOut(string userId) => Key64.Of(userId) % 10 == 0;
}
