"""The pages: Streamlit and Plotly, read only. Floor 3: reads lower floors, writes nothing."""
