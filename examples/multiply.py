import lamina as torch, lamina.nn as nn
net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
for step in range(1000):  # learns to multiply two numbers between -2 and 2
    x = torch.rand(64, 2) * 4 - 2; loss = ((net(x)[:, 0] - x[:, 0] * x[:, 1]) ** 2).mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
print("1.5 x -1 is about", net(torch.tensor([1.5, -1.0])).item())
