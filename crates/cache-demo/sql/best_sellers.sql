SELECT p.id, p.name, p.price, CAST(SUM(l.quantity) AS SIGNED) AS units,
  SUM(l.quantity * l.unit_price) AS revenue, COUNT(DISTINCT l.order_id) AS orders
FROM products p
JOIN order_lines l ON l.product_id = p.id
WHERE p.category_id = ?
GROUP BY p.id, p.name, p.price
ORDER BY units DESC, p.id
LIMIT 10
