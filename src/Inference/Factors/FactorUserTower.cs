using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Factors;

/// <summary>Computes the one head of a user by folding in what they liked last (<see cref="FactorSpace"/>).</summary>
public sealed class FactorUserTower : IUserTower
{
    private readonly FactorSpace _space;

    internal FactorUserTower(FactorSpace space) => _space = space;

    /// <inheritdoc />
    public int HeadsLength => _space.Model.Dimension;

    /// <inheritdoc />
    public void Compute(UserSnapshot user, long now, Span<float> heads)
    {
        if (heads.Length < HeadsLength)
            throw new ArgumentException($"has {heads.Length} elements, must have at least {HeadsLength}", nameof(heads));
        _space.OfUser(user, heads[..HeadsLength]);
    }
}
