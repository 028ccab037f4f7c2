// Stands for a handler where only the template is looked at.
export const handler = async (event: unknown): Promise<unknown> => event;
