namespace KgOrleans.DemoWorld.Hidden;

/// <summary>Weights of one objective's logit, and the rate that its bias is set for.</summary>
/// <param name="Scale">Standard deviation of the personal match.</param>
/// <param name="Quality">Per unit of true quality.</param>
/// <param name="Recency">At age zero; decays with <see cref="Objectives.RecencyDays"/>.</param>
/// <param name="Context">Amplitude of the tone's and of the kind's daily curve.</param>
/// <param name="Utility">Weight in the utility: the feed scene's weight of the objective.</param>
/// <param name="Rate">Mean probability over random pairs of a user and a published item; of like and share, given a valid play.</param>
internal sealed record Objective(float Scale, float Quality, float Recency, float Context, float Utility, double Rate);
